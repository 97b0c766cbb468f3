"""Facts to an address: signed, in order, again until they are taken, once over an orderly restart."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from acd.app.journal import Journal
from acd.app.outlets import webhook
from acd.app.outlets.signing import genuine, sign
from acd.app.outlets.webhook import Webhook
from acd.core import facts as f
from acd.core.ids import AgentName
from config import outlets as config
from config.values import Duration, Secret
from tests.unit.acd.app.outlets.receiver import SECRET, Receiver, receiver

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "BACK_OFF_S", (0.02, 0.05))


class Stand:
    """A journal whose facts are told now, and hooks on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / "journal", 2000)
        self.journal.load(dict, dict)
        self.hooks: list[Webhook] = []

    def hook(self, url: str, name: str = "crm", **more: Duration) -> Webhook:
        settings = config.Webhook(
            name=name, url=url, events=("agent_p*",), secret=Secret(SECRET), timeout=Duration(300)
        )
        settings = msgspec.structs.replace(settings, **more)
        place = self.folder / f"webhook-{name}.json"
        made = Webhook(settings, "acd", self.folder / "journal", place, time.time_ns)
        self.hooks.append(made)
        made.start()
        until(place.exists)
        return made

    def tell(self, *reasons: str, age_s: int = 0) -> None:
        """A fact a reason that the hook wants, each followed by one that it does not."""
        at = time.time_ns() - age_s * 1_000_000_000
        for reason in reasons:
            self.journal.append(
                [
                    f.Paused(at=at, agent=AgentName("ann"), reason=reason),
                    f.Resumed(at=at, agent=AgentName("ann"), reason=reason),
                ]
            )


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    for hook in made.hooks:
        hook.stop()
    made.journal.close()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not true():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.005)


def reasons(there: Receiver) -> list[str]:
    return [body["fact"]["reason"] for body in there.taken]


def test_facts_come_signed_in_order_and_only_the_wanted_kinds(stand: Stand, there: Receiver) -> None:
    hook = stand.hook(there.url)
    wanted = [str(number) for number in range(50)]
    stand.tell(*wanted)
    until(lambda: len(there.taken) == 50)
    assert reasons(there) == wanted
    first = there.taken[0]
    assert (first["node"], first["hook"], first["fact"]["fact"]) == ("acd", "crm", "agent_paused")
    assert there.ids[3] == "acd-crm-6", "the number of the fact in the journal"
    assert (hook.delivered, hook.refused, hook.lost) == (50, 0, 0)


def test_what_is_refused_is_tried_again_before_anything_later(stand: Stand, there: Receiver) -> None:
    there.refuse = 3
    hook = stand.hook(there.url)
    stand.tell("a", "b")
    until(lambda: len(there.taken) == 2)
    assert reasons(there) == ["a", "b"]
    assert (there.asked, hook.refused, hook.failing) == (5, 3, "")


def test_an_orderly_restart_neither_loses_nor_repeats(stand: Stand, there: Receiver) -> None:
    stand.hook(there.url).stop()
    stand.tell("a", "b")
    second = stand.hook(there.url)
    until(lambda: len(there.taken) == 2)
    second.stop()
    stand.tell("c")
    stand.hook(there.url)
    until(lambda: len(there.taken) == 3)
    assert reasons(there) == ["a", "b", "c"]


def test_a_receiver_that_is_away_gets_everything_when_it_is_back(stand: Stand) -> None:
    with receiver() as there:
        url, port = there.url, int(there.url.split(":")[2].partition("/")[0])
    hook = stand.hook(url)
    stand.tell("a", "b")
    until(lambda: hook.failing)
    hook.stop()
    stand.hook(url)
    with receiver(port) as back:
        until(lambda: len(back.taken) == 2)
        assert reasons(back) == ["a", "b"]


def test_a_hook_that_hangs_costs_no_other_and_does_not_hold_the_end_up(stand: Stand, there: Receiver) -> None:
    with receiver() as stuck:
        stuck.hang.clear()
        hanging = stand.hook(stuck.url, name="stuck", timeout=Duration(60_000))
        stand.hook(there.url)
        stand.tell("a", "b")
        until(lambda: len(there.taken) == 2 and stuck.asked == 1)
        began = time.monotonic()
        hanging.stop(0.2)
        assert time.monotonic() - began < 2


def test_what_is_too_old_is_passed_over_and_counted(stand: Stand, there: Receiver) -> None:
    hook = stand.hook(there.url, give_up_after=Duration(60_000))
    stand.tell("old", age_s=61)
    stand.tell("new")
    until(lambda: reasons(there) == ["new"])
    assert (hook.lost, there.asked) == (1, 1)


def test_a_kill_repeats_at_most_what_the_receiver_knows_by_its_id(stand: Stand, there: Receiver) -> None:
    hook = stand.hook(there.url)
    place = (stand.folder / "webhook-crm.json").read_bytes()
    stand.tell("a", "b")
    until(lambda: len(there.taken) == 2)
    hook.stop()
    (stand.folder / "webhook-crm.json").write_bytes(place)
    stand.tell("c")
    stand.hook(there.url)
    until(lambda: len(there.taken) == 5)
    assert list(dict.fromkeys(there.ids)) == ["acd-crm-0", "acd-crm-2", "acd-crm-4"]


@pytest.mark.parametrize(
    ("timestamp", "body", "now", "good"),
    [
        ("1000", b"{}", 1100, True),
        ("1000", b"{ }", 1100, False),
        ("1001", b"{}", 1100, False),
        ("1000", b"{}", 1301, False),
        ("x", b"{}", 1100, False),
    ],
)
def test_a_receiver_refuses_what_was_changed_or_is_old(
    timestamp: str, body: bytes, now: int, good: bool
) -> None:
    assert genuine("s", timestamp, body, sign("s", 1000, b"{}"), now) is good


def test_the_signature_is_the_one_of_the_documentation() -> None:
    assert sign("secret", 1795435963, b"{}") == (
        "v1=bb561041eaf68fa6ec1f4721ed22c14ebef6347574dfc35ebfa28836ab00afd8"
    )
