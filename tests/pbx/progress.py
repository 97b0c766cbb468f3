"""Progress lines of long steps, on standard error."""

import sys


def say(line: str) -> None:
    """Print one line at once."""
    print(f"asterisk folder: {line}", file=sys.stderr, flush=True)
