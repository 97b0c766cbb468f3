"""One description of the agents' phones, rendered for Asterisk and for the phones themselves. Pure. See README.md."""
