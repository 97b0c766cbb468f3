"""The pure router: events in, commands and facts out."""
