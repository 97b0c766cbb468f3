"""Facts to numbers."""
