"""A Debian that boots: the wheel and the unit are proven under a real systemd."""
