"""Erlang's loss formula: how many calls find all lines in use. Pure.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges", Elektroteknikeren 13 (1917). Computed by its recursion, B(0) = 1 and B(n) = A B(n-1) / (n + A B(n-1)), which
stays between 0 and 1 where powers and factorials would overflow (V. B. Iversen, "Teletraffic Engineering and Network
Planning", DTU 2015, the chapter on Erlang's loss system). Offered traffic from carried: as ITU-T E.501 has it.

Traffic is in erlangs: one line in use all the time is one erlang. The formula supposes that calls come by chance and
that a refused caller does not call again at once; who does makes the real blocking worse.
"""

from typing import Final

MOST_LINES: Final = 1_000_000
"""Beyond any group of lines; ends the search for absurd loads."""


def blocking(lines: int, offered: float) -> float:
    """The share of calls that find `lines` lines all in use, when `offered` erlangs are offered."""
    _sensible(offered)
    if lines < 0:
        raise ValueError(f"{lines} lines: a group has none or more")
    share = 1.0 if offered else float(lines == 0)
    for line in range(1, lines + 1):
        share = offered * share / (line + offered * share)
    return share


def lines_needed(offered: float, most: float) -> int:
    """The fewest lines of which at most the share `most` of calls is blocked. ValueError for a share out of (0, 1)."""
    _sensible(offered)
    if not 0 < most < 1:
        raise ValueError(f"a share of {most}: between 0 and 1 calls can be blocked")
    share, lines = float(offered > 0), 0
    while share > most:
        lines += 1
        if lines > MOST_LINES:
            raise ValueError(f"{offered} erlangs are more than any group of lines carries")
        share = offered * share / (lines + offered * share)
    return lines


def offered(carried: float, attempts: int, refused: int) -> float | None:
    """The traffic that was offered, of what was carried and the share that was refused; None when all were refused."""
    if not 0 <= refused <= attempts:
        raise ValueError(f"{refused} of {attempts} calls refused")
    if attempts and refused == attempts:
        return None
    return carried if not attempts else carried / (1 - refused / attempts)


def _sensible(traffic: float) -> None:
    if not 0 <= traffic < float("inf"):
        raise ValueError(f"{traffic} erlangs: traffic is a number from 0")
