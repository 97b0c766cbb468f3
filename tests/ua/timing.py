"""The retransmission timers of RFC 3261 section 17 (table 4), in nanoseconds. Pure."""

import msgspec

NS: int = 1_000_000_000


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """T1 is the round trip everybody assumes; a test that wants retransmissions sooner makes it smaller."""

    t1: int = NS // 2
    t2: int = 4 * NS
    t4: int = 5 * NS

    @property
    def patience(self) -> int:
        """64 * T1: timers B, D, F, H, J, L and M."""
        return 64 * self.t1
