"""`make demo`: the daemon at work, for people to look at."""
