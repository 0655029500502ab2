"""What people see while a run goes on: two streams, a live view, nothing that others wrote raw."""
