"""What one AMI link is told: where, who, and how long to wait. All durations are seconds."""

import msgspec

from telephony.ami.codec import AmiAction, encode


class LinkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one link. `switch` is our name of that Asterisk. The secret never shows in a repr.

    Raises ValueError for a user name or secret that cannot be sent and for a duration that is not positive.
    """

    switch: str
    host: str
    username: str
    secret: str
    port: int = 5038
    # The shipped manager user reads class `system`, so FullyBooted comes; without that class it never does.
    wait_fully_booted: bool = True
    connect_deadline: float = 5.0
    login_deadline: float = 5.0
    # A large PBX loads for a minute or more and is of no use to us before.
    boot_deadline: float = 180.0
    action_deadline: float = 5.0
    ping_every: float = 5.0
    ping_deadline: float = 3.0
    retry_first: float = 0.25
    retry_most: float = 10.0
    # Slow, because each try is a failed login in Asterisk's security log and may feed a ban.
    retry_credentials: float = 30.0
    list_limit: int = 100_000

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        encode(AmiAction("Login", "check", {"Username": self.username, "Secret": self.secret}))
        if not 0 < self.port < 65536:
            raise ValueError(f"port {self.port} of switch {self.switch!r} must be between 1 and 65535")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} of switch {self.switch!r} must be more than 0")

    def __repr__(self) -> str:
        """Show where and who, never the secret."""
        return f"LinkSettings({self.switch!r}, {self.username!r} at {self.host}:{self.port})"


_POSITIVE = (
    "connect_deadline",
    "login_deadline",
    "boot_deadline",
    "action_deadline",
    "ping_every",
    "ping_deadline",
    "retry_first",
    "retry_most",
    "retry_credentials",
    "list_limit",
)
