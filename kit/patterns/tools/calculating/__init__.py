"""The calculator: how an expression is read, what its functions are, how its value is written."""
