"""What the loop with tools is made of: its terms, its calls read, its observations, its end."""
