"""What callers press, hear and choose while they wait. Inert."""
