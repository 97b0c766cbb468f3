"""What calls arrive on and ring at."""
