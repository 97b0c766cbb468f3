"""Where figures go: a file named on the command line."""

import argparse
import os
from pathlib import Path


def writable(text: str) -> Path:
    """A path of an argument that can be written, for argparse's `type`: told before a run, not after it."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder: name a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}: make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} may not be written by this user")
    return path
