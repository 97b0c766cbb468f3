"""The lines behind the endpoints of a trunk group, and what is wrong with how they are written. Pure.

`DAHDI/5` is one channel, `DAHDI/1-24` channels 1 to 24, `DAHDI/i1` an ISDN span, whose channels Asterisk names
`DAHDI/i1/NUMBER-n`. Groups of channels (`DAHDI/g1`) are for dialling: no channel that calls us is named so.
"""

import re
from collections.abc import Iterator
from typing import Final

from config.findings import Finding, quoted
from config.schema import Settings
from config.values import Endpoint

_CHANNELS: Final = re.compile(r"([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?")
_SPAN: Final = re.compile(r"i[1-9][0-9]{0,2}")


def lines(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    """Each line an endpoint stands for; one that `findings` complains of stands for itself."""
    found = _CHANNELS.fullmatch(endpoint.name) if endpoint.technology == "DAHDI" else None
    if found is None or found[2] is None:
        return (endpoint,)
    return tuple(Endpoint(f"DAHDI/{number}") for number in range(int(found[1]), int(found[2]) + 1))


def findings(settings: Settings) -> Iterator[Finding]:
    """DAHDI endpoints that are no lines, and channels that two groups or an agent's phone share."""
    only = settings.switches[0].name if len(settings.switches) == 1 else None
    owners: dict[tuple[str | None, Endpoint], tuple[str, Endpoint]] = {}
    for name, agent in settings.agents.items():
        if agent.phone is not None:
            owners[agent.switch or only, agent.phone] = (f"agent {quoted(name)}", agent.phone)
    for place, group in enumerate(settings.trunk_groups):
        for nth, endpoint in enumerate(group.endpoints):
            path = ("trunk_group", place, "endpoints", nth)
            if not _is_line(endpoint):
                hint = (
                    'a channel "DAHDI/5", channels "DAHDI/1-24" in rising order, or an ISDN span "DAHDI/i1"'
                )
                yield Finding(path=path, message=f"{endpoint} is no line that calls arrive on", hint=hint)
                continue
            own = f"trunk group {quoted(group.name)}"
            known = [
                owners[key] for line in lines(endpoint) if (key := (group.switch or only, line)) in owners
            ]
            # The same words twice are told of elsewhere.
            for owner, written in dict.fromkeys(known):
                if written != endpoint:
                    yield Finding(path=path, message=f"{endpoint} shares lines with {written} of {owner}")
            owners |= {(group.switch or only, line): (own, endpoint) for line in lines(endpoint)}


def _is_line(endpoint: Endpoint) -> bool:
    if endpoint.technology != "DAHDI" or _SPAN.fullmatch(endpoint.name):
        return True
    return _CHANNELS.fullmatch(endpoint.name) is not None and bool(lines(endpoint))
