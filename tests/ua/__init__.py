"""A small SIP user agent for tests: phones and callers over loopback UDP."""
