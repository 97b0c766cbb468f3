"""`acd doctor`: look at everything the daemon needs of its Asterisk, and say what to mend.

Each check is one function that yields rows, so that a failed one does not hide the others. What the manager user's few rights
do not let us see is shown as not checked, never as good.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

import msgspec

from acd.cli.client import Client, RefusedError, UnreachableError
from acd.cli.manager import Manager, ManagerError
from acd.web.views import Status
from config.daemon import Agi, Switch
from config.schema import Settings

SLOW_DNS_SECONDS: Final = 0.5
CLOCK_SECONDS: Final = 2.0
OLDEST: Final = (20, 6)
ALWAYS: Final = dict.fromkeys(("acd-enter", "acd-try", "acd-after", "acd-way"), "extensions_acd.conf")
"""Context to the file that has it."""
FUNCTIONS: Final = {
    "IF(1?yes:no)": "func_logic",
    "DIALPLAN_EXISTS(acd-enter,s,1)": "func_dialplan",
}
"""Dialplan functions that answer without a channel, with the module each needs."""


@unique
class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `fix` says what to do, empty when nothing."""

    subject: str
    verdict: Verdict
    found: str
    fix: str = ""


def examine(settings: Settings, control: Path) -> list[Row]:
    """All checks."""
    rows = list(daemon(Client(control)))
    for switch in settings.switches:
        rows += name_resolution(switch.host)
        rows += asterisk(switch, settings)
    return rows


def contexts(settings: Settings) -> dict[str, str]:
    """What the dialplan must have for what is configured, and the file that brings it."""
    needed = dict(ALWAYS)
    ways = [
        way
        for queue in settings.queues.values()
        for way in (
            *queue.keys.values(),
            *(way for menu in queue.menus.values() for way in menu.keys.values()),
        )
    ]
    if any(queue.callback is not None for queue in settings.queues.values()) or any(w.message for w in ways):
        needed["acd-work"] = "work_acd.conf"
    if settings.surveys:
        needed["acd-survey"] = "extensions_acd.conf"
    if settings.ivr:
        needed["acd-ivr"] = "ivr_acd.conf"
    return needed


def row(subject: str, good: bool, found: str, fix: str) -> Row:
    """A row that is ok or failed; the fix is only for a failure."""
    return Row(
        subject=subject,
        verdict=Verdict.OK if good else Verdict.FAILED,
        found=found,
        fix="" if good else fix,
    )


def daemon(client: Client) -> Iterator[Row]:
    """Whether a daemon answers, and whether Asterisk has ever reached it by FastAGI."""
    try:
        status = msgspec.json.decode(client.get("/status"), type=Status)
    except (UnreachableError, RefusedError) as wrong:
        yield Row(subject="daemon", verdict=Verdict.FAILED, found=str(wrong), fix="systemctl start acd")
        return
    yield Row(subject="daemon", verdict=Verdict.OK, found=f"{status.version}, generation {status.generation}")
    yield row(
        "journal",
        not status.journal_failing,
        status.journal_failing or f"{status.journal_position} facts",
        "make room or give the daemon's user write access in state_dir",
    )
    if status.agi_sessions_seen:
        yield Row(
            subject="FastAGI from Asterisk",
            verdict=Verdict.OK,
            found=f"{status.agi_sessions_seen} sessions since the start",
        )
    else:
        yield Row(
            subject="FastAGI from Asterisk",
            verdict=Verdict.NOT_CHECKED,
            found="no call has come since the start",
            fix="call a queue once, then run this again",
        )


def name_resolution(host: str) -> Iterator[Row]:
    """A name that resolves slowly makes every reconnect slow."""
    began = time.monotonic()
    try:
        socket.getaddrinfo(host, None)
    except OSError as wrong:
        yield Row(
            subject="DNS", verdict=Verdict.FAILED, found=f"{host}: {wrong}", fix="name an address instead"
        )
        return
    took = time.monotonic() - began
    yield row(
        "DNS", took < SLOW_DNS_SECONDS, f"{host} in {took * 1000:.0f} ms", "put the name into /etc/hosts"
    )


def asterisk(switch: Switch, settings: Settings) -> Iterator[Row]:
    """Everything that one Asterisk tells its manager user."""
    where = f"{switch.name} ({switch.host}:{switch.port})"
    try:
        with Manager(switch.host, switch.port) as manager:
            answer = manager.ask(
                "Login", {"Username": switch.username, "Secret": switch.secret.reveal(), "Events": "off"}
            )
            good = answer.text("Response") == "Success"
            yield row(
                f"{where} login",
                good,
                answer.text("Message"),
                "compare user and secret with manager_acd.conf and manager_acd_secret.conf, then `manager reload`",
            )
            if good:
                yield from dialplan(manager, where, contexts(settings))
                for check in CHECKS:
                    yield from check(manager, where, settings.agi)
    except (OSError, ManagerError) as wrong:
        yield Row(
            subject=where,
            verdict=Verdict.FAILED,
            found=str(wrong),
            fix="start Asterisk, set enabled=yes and bindaddr in manager.conf, check [[switch]] host and port",
        )


# ---------------------------------------------------------------- one Asterisk


def version(manager: Manager, where: str, _agi: Agi) -> Iterator[Row]:
    """20.6 brought PJSIPHangup."""
    text = manager.ask("CoreSettings").text("AsteriskVersion")
    numbers = [int(part) for part in text.split("-")[0].split(".")[:2] if part.isdigit()]
    yield row(
        f"{where} version", tuple(numbers) >= OLDEST, text or "not told", "Asterisk 20.6 or newer is needed"
    )


def privileges(manager: Manager, where: str, _agi: Agi) -> Iterator[Row]:
    """The lists that a sync reads, and no right that is not needed."""
    for action, right in (
        ("CoreShowChannels", "write = reporting"),
        ("DeviceStateList", "write = call,reporting"),
    ):
        answer = manager.ask(action)
        good = answer.text("Response") != "Error"
        yield row(
            f"{where} {action}",
            good,
            answer.text("Message") or "answered",
            f"`{right}` in manager_acd.conf, and load res_manager_devicestate.so",
        )
    refused = manager.ask("Command", {"Command": "core show uptime"}).text("Response") == "Error"
    yield row(
        f"{where} least privilege",
        refused,
        "the user may not run console commands" if refused else "the user may run console commands",
        "take `command` and `all` out of its write line: the daemon needs call,reporting",
    )


def dialplan(manager: Manager, where: str, needed: Mapping[str, str]) -> Iterator[Row]:
    """The contexts we ship, as loaded."""
    for context, file in needed.items():
        found = manager.listed("ShowDialPlan", "ListDialplan", "ShowDialPlanComplete", {"Context": context})
        yield row(
            f"{where} context {context}",
            bool(found),
            f"{len(found)} steps" if found else "missing",
            f"`#include {file}` in extensions.conf, then `dialplan reload`",
        )


def functions(manager: Manager, where: str, _agi: Agi) -> Iterator[Row]:
    """Modules by what they can do; those without a function of their own can't be seen from here."""
    for function, module in FUNCTIONS.items():
        answer = manager.ask("Getvar", {"Variable": function})
        good = answer.text("Response") == "Success" and answer.text("Value") not in ("", "0", "no")
        yield row(f"{where} {module}", good, answer.text("Value") or "no answer", f"load {module}.so")
    yield Row(
        subject=f"{where} other modules",
        verdict=Verdict.NOT_CHECKED,
        found="the manager user may not list modules",
        fix="`module show like` in Asterisk's console against modules_acd.conf",
    )


def agi_address(manager: Manager, where: str, agi: Agi) -> Iterator[Row]:
    """Asterisk knocks where the daemon listens."""
    told = manager.ask("Getvar", {"Variable": "ACD_AGI"}).text("Value")
    port = told.rpartition(":")[2]
    yield row(
        f"{where} ACD_AGI",
        port == str(agi.port),
        told or "not set",
        f"in extensions.conf: [globals] ACD_AGI=<address of the daemon>:{agi.port}",
    )


def clock(manager: Manager, where: str, _agi: Agi) -> Iterator[Row]:
    """The dialplan's EPOCH against ours: join times and lost calls are stamped by both."""
    answer = manager.ask("Getvar", {"Variable": "EPOCH"}).text("Value")
    if not answer.isdigit():
        yield Row(subject=f"{where} clock", verdict=Verdict.NOT_CHECKED, found="EPOCH was not told")
        return
    apart = abs(int(answer) + 0.5 - time.clock_gettime(time.CLOCK_REALTIME))
    yield row(
        f"{where} clock", apart < CLOCK_SECONDS, f"{apart:.1f} s apart", "run an NTP client on both hosts"
    )


CHECKS: Final[tuple[Callable[[Manager, str, Agi], Iterator[Row]], ...]] = (
    version,
    privileges,
    functions,
    agi_address,
    clock,
)
