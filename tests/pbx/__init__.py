"""The real Asterisk for tests and demo: the folder it lives in, private instances, SIPp."""
