"""The FastAGI interface."""
