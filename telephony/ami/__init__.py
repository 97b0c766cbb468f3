"""The manager interface."""
