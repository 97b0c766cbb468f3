"""A call's facts at a webhook's receiver: signed, in order, while it is away, over `kill -9`; routing is as quick as ever."""

import pytest

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.unit.acd.app.outlets.receiver import SECRET, receiver

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

HOOK = """\
[[webhook]]
name = "{name}"
url = "{url}"
events = ["call_answered", "talk_ended"]
secret = "{secret}"
timeout = "{timeout}"
"""


async def test_facts_of_calls_reach_the_receiver_although_daemon_and_receiver_were_away(
    centre: Centre,
) -> None:
    with receiver() as there, receiver() as stuck:
        stuck.hang.clear()
        hooks = HOOK.format(name="crm", url=there.url, secret=SECRET, timeout="2s")
        hooks += HOOK.format(name="stuck", url=stuck.url, secret=SECRET, timeout="60s")
        await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")}, more=hooks)
        _, phone = await centre.talk("ann")
        await centre.until(lambda: len(there.taken) == 1, "the answer at the receiver")
        port = int(there.url.split(":")[2].partition("/")[0])
        await centre.kill_daemon()
        await phone.hangup()
        await centre.start_daemon()
        await centre.fact(f.Talked)
        await centre.until(lambda: len(set(there.ids)) == 2, "the end of the talk at the receiver")
        assert [body["fact"]["fact"] for body in there.taken][-1] == "talk_ended"
        assert there.taken[0]["fact"]["call"] == there.taken[-1]["fact"]["call"]
        assert len(there.taken) <= 3, "the answer may come again after a kill, under the same id"
        assert stuck.asked in (1, 2)
    before = len(centre.facts(f.Talked))
    _, phone = await centre.talk("ann")  # nobody listens there now
    await phone.hangup()
    await centre.fact(f.Talked, nth=before + 1)
    with receiver(port) as back:
        await centre.until(lambda: len(back.taken) == 2, "what was told meanwhile", 15)
        assert [body["fact"]["fact"] for body in back.taken] == ["call_answered", "talk_ended"]
        assert await centre.stop_daemon() == 0
    log = (centre.directory / "log").read_text()
    assert "outlet_failing" in log
    assert SECRET not in log
