"""A call centre for tests, demo and bench: the daemon as a process, its PBX, phones and callers."""
