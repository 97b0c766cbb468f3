"""`crowd.py HOST PORT COUNT`: that many connections that say nothing, until standard input ends.

A process of its own: the server under test and 10,000 clients would not fit into one process's file descriptors.
Whatever the server throws out is not replaced, so all connections are made exactly once.
"""

import resource
import socket
import sys


def main() -> None:
    """Connect, say how many, wait."""
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = [socket.create_connection((host, port), timeout=20) for _ in range(count)]
    print(len(idle), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
