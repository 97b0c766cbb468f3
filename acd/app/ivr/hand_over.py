"""Where a dialogue leads, as channel variables that ivr_acd.conf goes by. Pure.

Nothing a caller keyed or a look-up brought is written but percent-encoded: Asterisk would take a comma for the end of an argument.
"""

from typing import Final
from urllib.parse import quote

from acd.app.ivr.visit import End, Visit
from acd.core.dialogues import DialogueEnd
from config.ivr_nodes import Extension, HangUp, ToQueue

END: Final = "ACD_IVR_END"
NS: Final = 1_000_000_000
LONGEST_QUERY: Final = 1_500
"""Bytes: a command has at most 2,047, the dialplan's line holds the address besides."""
MOST_CREDIT: Final = 86_400
"""Seconds, as acd.app.request takes."""


def to_queue(visit: Visit, node: ToQueue, now: int) -> End:
    """What the queue's request is to bring: the node's parameters as far as they have values, and the time here."""
    asked = {name: visit.filled(text) for name, text in node.parameters.items()}
    if node.priority is not None:
        asked["priority"] = str(node.priority)
    seconds = min((now - visit.began) // NS, MOST_CREDIT)
    if visit.ivr.credit and seconds > 0:
        asked["credit"] = str(seconds)
    return queued(DialogueEnd.QUEUED, node.queue, _query(asked))


def _query(asked: dict[str, str]) -> str:
    """As much as there is room for."""
    text = ""
    for name, value in asked.items():
        pair = f"{quote(name, safe='')}={quote(value, safe='')}" if value else ""
        longer = "&".join(filter(None, (text, pair)))
        text = longer if len(longer) <= LONGEST_QUERY else text
    return text


def queued(outcome: DialogueEnd, queue: str, query: str = "", why: str = "") -> End:
    """Into that queue."""
    variables = (("ACD_QUEUE", queue), ("ACD_QUERY", query), (END, "queue"))
    return End(outcome=outcome, queue=queue, variables=variables, why=why)


def to_extension(node: Extension) -> End:
    """On in the dialplan."""
    place = f"{node.context},{node.exten},{node.priority}"
    return End(outcome=DialogueEnd.TRANSFERRED, variables=(("ACD_IVR_GOTO", place), (END, "extension")))


def to_nobody(node: HangUp) -> End:
    """The end of the call."""
    outcome = DialogueEnd.CONTAINED if node.served else DialogueEnd.DISMISSED
    return End(outcome=outcome, variables=((END, "done"),))


def failed(fallback: str | None, why: str) -> End:
    """The fallback queue, or what the dialplan has for it."""
    if fallback is not None:
        return queued(DialogueEnd.FAILED, fallback, why=why)
    return End(outcome=DialogueEnd.FAILED, variables=((END, "failed"),), why=why)
