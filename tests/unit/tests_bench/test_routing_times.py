"""Times from SIP on the wire: what is counted, and what is not."""

import pytest

from tests.bench.routing_times import Ports, idle_gaps, quantile, ring_latencies, tell, waiting_at
from tests.bench.routing_wire import Seen
from tests.ua.message import Request, Response

pytestmark = pytest.mark.unit

PORTS = Ports(server=5060, callers=6000, phones=7000)
MS = 1_000_000


def answer(at: float, caller: str, status: int = 200, method: str = "INVITE") -> Seen:
    """Asterisk's response to a caller."""
    headers = (("From", f"<sip:{caller}@127.0.0.1>"), ("CSeq", f"1 {method}"), ("Call-ID", f"c-{caller}"))
    return Seen(at=int(at * MS), source=5060, target=6000, message=Response(status=status, headers=headers))


def request(at: float, method: str, phone: str, caller: str, leg: str, *, by_phone: bool = False) -> Seen:
    """An INVITE to a phone, or a request of the phone."""
    headers = (("From", f"<sip:{caller}@127.0.0.1>"), ("CSeq", f"1 {method}"), ("Call-ID", leg))
    message = Request(method=method, uri=f"sip:{phone}@127.0.0.1:7000", headers=headers)
    source, target = (7000, 5060) if by_phone else (5060, 7000)
    return Seen(at=int(at * MS), source=source, target=target, message=message)


def test_ring_latency_is_from_the_caller_s_200_to_the_invite_at_the_phone() -> None:
    story = tell([answer(10, "c1"), request(11.5, "INVITE", "1001", "c1", "l1")], PORTS)

    assert ring_latencies(story) == [1.5]


def test_retransmissions_and_other_responses_do_not_count() -> None:
    seen = [
        answer(9, "c1", status=100),
        answer(10, "c1"),
        answer(10.5, "c1"),
        request(11, "INVITE", "1001", "c1", "l1"),
        request(12, "INVITE", "1001", "c1", "l1"),
        answer(20, "c2", method="BYE"),
        request(30, "BYE", "1001", "c1", "l1", by_phone=True),
        request(31, "BYE", "1001", "c1", "l1", by_phone=True),
    ]
    story = tell(seen, PORTS)

    assert story.answered == {"c1": 10 * MS}
    assert story.offers == [(11 * MS, "1001")]
    assert story.ends == [(30 * MS, "1001")]


def test_the_first_callers_only_warm_up() -> None:
    seen = [answer(1, "c1"), request(9, "INVITE", "1001", "c1", "l1")]
    seen += [answer(20, "c2"), request(22, "INVITE", "1001", "c2", "l2")]

    assert ring_latencies(tell(seen, PORTS), skip=1) == [2.0]


def busy_phone() -> list[Seen]:
    """c1 talks to 1001 while c2 and c3 wait; then c2, then c3."""
    return [
        *(answer(1 + number, f"c{number + 1}") for number in range(3)),
        request(5, "INVITE", "1001", "c1", "l1"),
        request(100, "BYE", "1001", "c1", "l1", by_phone=True),
        request(103, "INVITE", "1001", "c2", "l2"),
        request(200, "BYE", "1001", "c2", "l2", by_phone=True),
        request(209, "INVITE", "1001", "c3", "l3"),
        request(300, "BYE", "1001", "c3", "l3", by_phone=True),
    ]


def test_the_idle_gap_is_from_the_phone_s_bye_to_its_next_invite_while_callers_wait() -> None:
    assert idle_gaps(tell(busy_phone(), PORTS)) == [3.0, 9.0]
    assert idle_gaps(tell(busy_phone(), PORTS), waiting=2) == [3.0]


def test_a_gap_with_nobody_waiting_is_no_idle_gap() -> None:
    seen = [answer(1, "c1"), request(2, "INVITE", "1001", "c1", "l1")]
    seen += [request(50, "BYE", "1001", "c1", "l1", by_phone=True)]
    seen += [answer(90, "c2"), request(92, "INVITE", "1001", "c2", "l2")]

    assert idle_gaps(tell(seen, PORTS)) == []


def test_another_phone_s_invite_does_not_end_the_gap() -> None:
    seen = [*busy_phone()[:5], request(101, "INVITE", "1002", "c2", "l8"), *busy_phone()[6:]]
    seen += [request(150, "INVITE", "1001", "c4", "l9")]

    assert idle_gaps(tell(seen, PORTS))[0] == 50.0


def test_waiting_are_those_answered_and_not_yet_rung() -> None:
    story = tell(busy_phone(), PORTS)

    assert [waiting_at(story, at * MS) for at in (0, 4, 50, 150, 250)] == [0, 3, 2, 1, 0]


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert quantile([float(n) for n in range(100)], 0.99) == 99.0
    with pytest.raises(ValueError, match="nothing was measured"):
        quantile([], 0.5)
