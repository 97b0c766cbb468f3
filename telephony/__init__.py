"""Everything that knows the words of Asterisk."""
