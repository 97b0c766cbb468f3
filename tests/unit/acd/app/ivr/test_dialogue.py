"""Dialogues, reply by reply: where a caller is led, what is told of it, what is hidden."""

from urllib.parse import parse_qs, unquote

import pytest

from acd.app.ivr.hand_over import LONGEST_QUERY
from acd.app.ivr.steps import Looked
from acd.app.scripts.asking import keys_after, say
from acd.app.scripts.voice import HungUpError
from acd.core import facts as f
from acd.core.dialogues import DialogueEnd, LookupEnd
from telephony.agi.codec import AgiReply
from tests.unit.acd.app.ivr.floor import SECOND, SILENCE, Desk, ivr, play

pytestmark = pytest.mark.unit

MENU = ivr("""
[ivr.main]
start = "hello"
[ivr.main.nodes.hello]
kind = "say"
prompts = ["site/hello"]
next = "menu"
[ivr.main.nodes.menu]
kind = "menu"
prompts = ["site/news", "site/menu"]
keys = { 1 = "sales", 2 = "bye", 3 = "box", "#" = "menu" }
retries = 1
timeout = "4s"
no_input = "sales"
on_invalid = "closed"
[ivr.main.nodes.sales]
kind = "queue"
queue = "sales"
priority = 7
parameters = { need-fr = "5", lang = "{language}" }
[ivr.main.nodes.bye]
kind = "hangup"
prompts = ["vm-goodbye"]
[ivr.main.nodes.closed]
kind = "hangup"
served = false
[ivr.main.nodes.box]
kind = "extension"
context = "voicemail"
exten = "100"
""")
PIN = ivr("""
[ivr.main]
start = "pin"
fallback = "rest"
[ivr.main.nodes.pin]
kind = "collect"
prompts = ["site/pin"]
into = "pin"
least = 4
most = 4
secret = true
retries = 1
next = "who"
no_input = "out"
on_invalid = "out"
[ivr.main.nodes.who]
kind = "lookup"
url = "http://crm/check"
send = ["caller", "pin"]
answer = { tier = {}, agent = {} }
found = "tiers"
not_found = "out"
failed = "out"
[ivr.main.nodes.tiers]
kind = "branch"
variable = "tier"
cases = { gold = "vip" }
otherwise = "out"
[ivr.main.nodes.vip]
kind = "queue"
queue = "sales"
parameters = { prefer = "{agent}:90", tier = "{tier}" }
[ivr.main.nodes.out]
kind = "queue"
queue = "rest"
""")


def test_a_key_leads_into_a_queue_with_what_the_call_needs() -> None:
    desk = Desk()

    heard = play(desk, MENU, ["1"])

    assert heard.lines[0] == "EXEC MSet TIMEOUT(absolute)=0"
    assert heard.sounds == ["site/hello", "site/news", "site/menu"]
    assert heard.variables["ACD_QUEUE"] == "sales"
    assert heard.variables["ACD_IVR_END"] == "queue"
    query = parse_qs(heard.variables["ACD_QUERY"])
    assert query == {"need-fr": ["5"], "lang": ["en"], "priority": ["7"], "credit": ["4"]}
    assert (desk.ended.outcome, desk.ended.queue, desk.ended.node) == (DialogueEnd.QUEUED, "sales", "sales")
    assert desk.ended.path == ("hello", "menu=1", "sales")
    assert desk.ended.lasted_ms == 7_000


def test_the_start_is_told_with_who_called() -> None:
    desk = Desk()

    play(desk, MENU, ["2"])

    started = desk.facts[0]
    assert isinstance(started, f.IvrStarted)
    assert (started.ivr, started.caller, started.uniqueid) == ("main", "+4930123", "1.1")


def test_a_wrong_key_is_told_and_asked_again() -> None:
    desk = Desk()

    heard = play(desk, MENU, ["9", "1"])

    assert heard.sounds[1:] == ["site/news", "site/menu", "option-is-invalid", "site/news", "site/menu"]
    assert desk.ended.path[1] == "menu=9,1"


def test_after_the_last_try_the_kind_of_mistake_leads() -> None:
    silent, wrong = Desk(), Desk()

    play(silent, MENU, ["9", SILENCE])
    play(wrong, MENU, [SILENCE, "9"])

    assert (silent.ended.outcome, silent.ended.path[1]) == (DialogueEnd.QUEUED, "menu=9,-")
    assert (wrong.ended.outcome, wrong.ended.node) == (DialogueEnd.DISMISSED, "closed")


def test_the_pound_key_is_a_key_and_leads_back() -> None:
    desk = Desk()

    play(desk, MENU, ["#", "2"])

    assert desk.ended.path == ("hello", "menu=#", "menu=2", "bye")


def test_a_key_in_the_first_prompt_cuts_the_rest() -> None:
    script = keys_after(Desk().missing, ("a", "b", "c"), 1, 4_000)
    next(script)

    with pytest.raises(StopIteration) as end:
        script.send(AgiReply(200, "50"))

    assert end.value.value == "2"


def test_a_missing_question_is_no_hang_up() -> None:
    desk = Desk()
    script = keys_after(desk.missing, ("gone",), 1, 4_000)

    assert next(script) == b"GET DATA gone 4000 1\n"
    assert script.send(AgiReply(200, "-1")) == b'GET DATA "" 4000 1\n'
    with pytest.raises(StopIteration) as end:
        script.send(AgiReply(200, "5"))
    assert (end.value.value, desk.not_there) == ("5", ["gone"])


def test_a_question_that_fails_twice_is_a_hang_up() -> None:
    script = keys_after(Desk().missing, ("gone",), 1, 4_000)
    next(script)
    script.send(AgiReply(200, "-1"))
    with pytest.raises(HungUpError):
        script.send(AgiReply(200, "-1"))


def test_a_missing_sound_is_told_and_passed_over() -> None:
    desk = Desk()
    script = say(desk.missing, "gone", "there")

    next(script)
    assert script.send(AgiReply(200, "-1")) == b"CHANNEL STATUS\n"
    assert script.send(AgiReply(200, "6")) == b'STREAM FILE there ""\n'
    assert desk.not_there == ["gone"]


def test_a_caller_who_hangs_up_in_a_sound_hears_no_more() -> None:
    script = say(Desk().missing, "gone", "there")
    next(script)
    script.send(AgiReply(200, "-1"))

    with pytest.raises(HungUpError):
        script.send(AgiReply(200, "-1"))


def test_served_by_the_dialogue_is_contained() -> None:
    desk = Desk()

    heard = play(desk, MENU, ["2"])

    assert heard.variables == {"ACD_IVR_END": "done"}
    assert (desk.ended.outcome, desk.ended.queue) == (DialogueEnd.CONTAINED, None)


def test_an_extension_is_handed_to_the_dialplan() -> None:
    desk = Desk()

    heard = play(desk, MENU, ["3"])

    assert heard.variables == {"ACD_IVR_GOTO": "voicemail,100,1", "ACD_IVR_END": "extension"}
    assert desk.ended.outcome is DialogueEnd.TRANSFERRED


def test_no_credit_where_none_is_wanted() -> None:
    text = '[ivr.main]\nstart = "q"\ncredit = false\n[ivr.main.nodes.q]\nkind = "queue"\nqueue = "sales"\n'

    assert play(Desk(), ivr(text)).variables["ACD_QUERY"] == '""'.strip('"')


def test_the_answer_of_a_look_up_leads_and_goes_along() -> None:
    desk = Desk(Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": "ann"}))

    heard = play(desk, PIN, ["4711"])

    query = parse_qs(heard.variables["ACD_QUERY"])
    assert (query["prefer"], query["tier"]) == (["ann:90"], ["gold"])


def test_a_parameter_with_an_empty_variable_is_left_out() -> None:
    desk = Desk(Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": ""}))

    assert "prefer" not in play(desk, PIN, ["4711"]).variables["ACD_QUERY"]


def test_what_was_looked_up_is_never_more_than_an_encoded_value() -> None:
    nasty = 'x,${SHELL(id)}&priority=1000" \\'
    desk = Desk(Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": nasty}))

    query = play(desk, PIN, ["4711"]).variables["ACD_QUERY"]

    assert not set(query) & set(',${}()" \\')
    assert "&priority" not in query
    assert nasty in unquote(query)


def test_more_parameters_than_there_is_room_for_are_left_out() -> None:
    many = ", ".join(f'p{n} = "{{agent}}"' for n in range(30))
    text = f"""
[ivr.main]
start = "q"
variables = {{ agent = "" }}
[ivr.main.nodes.q]
kind = "queue"
queue = "sales"
parameters = {{ {many} }}
"""

    query = play(Desk(), ivr(text), agent="ü" * 100).variables["ACD_QUERY"]

    assert query.count("=") >= 1
    assert len(query) <= LONGEST_QUERY


def test_secret_digits_are_in_no_line_and_no_fact() -> None:
    desk = Desk(Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": "ann"}))

    heard = play(desk, PIN, ["99", "4711"])

    assert desk.ended.path[0] == "pin=***,***"
    assert "4711" not in repr(desk.facts) + repr(heard.lines)
    assert "99" not in repr(desk.facts)


@pytest.mark.parametrize(
    ("looked", "node"),
    [
        (Looked(outcome=LookupEnd.NOT_FOUND), "out"),
        (Looked(outcome=LookupEnd.DEADLINE), "out"),
        (Looked(outcome=LookupEnd.MISFIT), "out"),
        (Looked(outcome=LookupEnd.OK, values={"tier": "tin", "agent": ""}), "out"),
    ],
)
def test_each_answer_has_its_way(looked: Looked, node: str) -> None:
    desk = Desk(looked)

    play(desk, PIN, ["4711"])

    assert desk.ended.node == node


def test_a_caller_without_a_number_is_not_asked_about() -> None:
    desk = Desk(Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": "ann"}))

    play(desk, PIN, ["4711"], caller="")

    assert desk.ended.node == "out"
    assert len(desk.looked) == 1


def test_digits_too_few_or_of_other_keys_are_wrong() -> None:
    desk = Desk()

    play(desk, PIN, ["12", "1*34"])

    assert (desk.ended.path, desk.ended.node) == (("pin=***,***", "out"), "out")


RANGE = ivr("""
[ivr.main]
start = "day"
[ivr.main.nodes.day]
kind = "collect"
prompts = ["x"]
into = "day"
most = 5
lowest = 1
highest = 31
masks = ["X", "XX"]
retries = 0
next = "say"
no_input = "no"
on_invalid = "no"
[ivr.main.nodes.say]
kind = "say"
number = "day"
spell = "caller"
next = "bye"
[ivr.main.nodes.bye]
kind = "hangup"
[ivr.main.nodes.no]
kind = "hangup"
""")


@pytest.mark.parametrize(
    ("keys", "node"), [("31", "bye"), ("32", "no"), ("0", "no"), ("007", "no"), ("7", "bye"), ("#", "no")]
)
def test_a_range_and_masks_hold(keys: str, node: str) -> None:
    desk = Desk()

    play(desk, RANGE, [keys])

    assert desk.ended.node == node


def test_variables_are_said_in_the_calls_language() -> None:
    heard = play(Desk(), RANGE, ["7"])

    assert heard.sounds[1] == "en/number/7"
    assert heard.sounds[2:5] == ["en/digit/+", "en/digit/4", "en/digit/9"]


SET = ivr("""
[ivr.main]
start = "fr"
variables = { tier = "plain" }
[ivr.main.nodes.fr]
kind = "set"
variables = { tier = "x-{tier}", was = "{tier}" }
language = "fr"
next = "open"
[ivr.main.nodes.open]
kind = "when_open"
queue = "sales"
open = "sales"
closed = "bye"
[ivr.main.nodes.sales]
kind = "queue"
queue = "sales"
parameters = { lang = "{language}", tier = "{tier}", was = "{was}" }
[ivr.main.nodes.bye]
kind = "hangup"
served = false
""")


def test_variables_and_the_language_are_set() -> None:
    heard = play(Desk(open_queues=["sales"]), SET)

    assert "SET VARIABLE CHANNEL(language) fr" in heard.lines
    query = parse_qs(heard.variables["ACD_QUERY"])
    assert (query["lang"], query["tier"], query["was"]) == (["fr"], ["x-plain"], ["plain"])


def test_a_closed_queue_is_known_before() -> None:
    desk = Desk()

    play(desk, SET)

    assert (desk.ended.outcome, desk.ended.path) == (DialogueEnd.DISMISSED, ("fr", "open", "bye"))


@pytest.mark.parametrize(
    "line", ["EXEC MSet", "STREAM FILE site/hello", "GET DATA", "SET VARIABLE ACD_QUEUE"]
)
def test_a_hang_up_at_any_line_is_abandoned(line: str) -> None:
    desk = Desk()

    play(desk, MENU, ["1"], gone_at=lambda said: said.startswith(line))

    assert desk.ended.outcome is DialogueEnd.ABANDONED


def test_a_hang_up_in_the_good_bye_is_contained() -> None:
    desk = Desk()

    play(desk, MENU, ["2"], gone_at=lambda said: "vm-goodbye" in said)

    assert (desk.ended.outcome, desk.ended.queue) == (DialogueEnd.CONTAINED, None)


def test_who_keys_for_ever_is_sent_on() -> None:
    desk = Desk()

    heard = play(desk, MENU, ["#"] * 1000)

    assert heard.variables == {"ACD_IVR_END": "failed"}
    assert (desk.ended.outcome, desk.ended.why) == (DialogueEnd.FAILED, "more than 100 nodes")


def test_so_is_one_who_takes_too_long_and_into_the_fallback_queue() -> None:
    desk = Desk()

    class Slow(Desk):
        def is_open(self, queue: str) -> bool:
            self.now += 700 * SECOND
            return True

    desk = Slow()
    text = '[ivr.main]\nstart = "o"\nfallback = "rest"\n'
    ways = '[ivr.main.nodes.o]\nkind = "when_open"\nqueue = "q"\nopen = "b"\nclosed = "b"\n[ivr.main.nodes.b]\nkind = "hangup"\n'

    heard = play(desk, ivr(text + ways))

    assert (heard.variables["ACD_QUEUE"], heard.variables["ACD_IVR_END"]) == ("rest", "queue")
    assert (desk.ended.outcome, desk.ended.queue) == (DialogueEnd.FAILED, "rest")
    assert desk.ended.why == "longer than 10m"


def test_a_session_that_the_daemon_closes_is_a_failure_and_no_hang_up() -> None:
    from acd.app.ivr.dialogue import dialogue
    from tests.unit.acd.app.ivr.floor import visit

    desk = Desk()
    script = dialogue(desk, visit(MENU), 1, lambda: False)
    next(script)
    script.close()

    assert (desk.ended.outcome, desk.ended.why) == (DialogueEnd.FAILED, "the session was closed")


def test_a_fault_of_ours_is_told_and_goes_on_to_who_rescues() -> None:
    class Broken(Desk):
        def is_open(self, queue: str) -> bool:
            raise KeyError("secret")

    desk = Broken()
    with pytest.raises(KeyError):
        play(desk, SET)

    assert (desk.ended.outcome, desk.ended.why) == (DialogueEnd.FAILED, "KeyError")
