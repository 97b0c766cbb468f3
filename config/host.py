"""The `[host]` table of acd.toml: from where on new calls are refused as overload. Why these: hardware/README.md."""

from typing import Annotated

from msgspec import Meta, Struct

from config.values import Duration


class Host(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[host]`: limits of the machine and the process. 0 takes a limit away."""

    loop_lag: Annotated[
        Duration,
        Meta(
            description="How late the routing loop may be, at worst of each second. 0s: no limit.",
            extra={"at_least": "0s", "at_most": "10s"},
        ),
    ] = Duration(250)
    cpu: Annotated[
        Annotated[int, Meta(ge=0, le=100)],
        Meta(
            description="Per cent of one processor the daemon may use: routing has one thread. 0: no limit."
        ),
    ] = 95
    load: Annotated[
        Annotated[int, Meta(ge=0, le=100_000)],
        Meta(
            description="Load average of one minute in per cent of the machine's processors, Asterisk included. "
            "0: no limit."
        ),
    ] = 800
    open_files: Annotated[
        Annotated[int, Meta(ge=0, le=100)],
        Meta(description="Per cent of the open files the process is allowed (LimitNOFILE=). 0: no limit."),
    ] = 90
    sessions: Annotated[
        Annotated[int, Meta(ge=0, le=100)],
        Meta(description="Per cent of agi.max_sessions; the rest is for callers who come back. 0: no limit."),
    ] = 95
    begin_after: Annotated[
        Annotated[int, Meta(ge=1, le=3600)],
        Meta(description="Seconds a limit is reached without a break until new calls are refused."),
    ] = 3
    end_after: Annotated[
        Annotated[int, Meta(ge=1, le=3600)],
        Meta(description="Seconds under four fifths of the limit until they are let in again."),
    ] = 10
