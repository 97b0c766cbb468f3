"""One Asterisk's AMI link: panoramisk's Manager with its connecting, waiting, sending and ending replaced.

Nothing of panoramisk's own I/O paths is left: each holds one of the reproduced faults that README.md lists.
"""

import asyncio
import itertools
import random
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import structlog
from panoramisk import Manager

from telephony.ami.backoff import Backoff
from telephony.ami.codec import Headers
from telephony.ami.errors import AmiError, LinkDownError
from telephony.ami.messages import Event, FullyBooted, Response
from telephony.ami.notices import Counters, Inbox, LinkDown, LinkFault, LinkState, LinkUp
from telephony.ami.pending import Pending, PendingAnswer, PendingList, PendingResponse, expired
from telephony.ami.protocol import AmiProtocol
from telephony.ami.settings import LinkSettings

_SECOND = 1_000_000_000
_NO_HEADERS: Headers = {}
_Answer = TypeVar("_Answer")
_IDS_OF_PANORAMISK = frozenset({"action", "actionid", "commandid"})


def log_fault(fault: LinkFault) -> None:
    """Write a fault as one structured warning: the default for a link without its own reporter."""
    structlog.get_logger("telephony.ami").warning(fault.kind, switch=fault.switch, detail=fault.detail)


class AmiLink(Manager):
    """Keeps one AMI connection up and puts everything it reads, in order, into one inbox.

    `deliver` is called synchronously while reading; what it raises is reported and costs nothing else. `clock` gives
    monotonic ns, `rng` the jitter and the prefix of action ids, `report` takes the faults.
    """

    def __init__(
        self,
        settings: LinkSettings,
        deliver: Callable[[Inbox], None],
        clock: Callable[[], int],
        rng: random.Random,
        *,
        report: Callable[[LinkFault], None] = log_fault,
    ) -> None:
        # User and secret stay out of panoramisk's config: it would log in, and print them, by itself.
        super().__init__(host=settings.host, port=settings.port)
        self.settings = settings
        self.state = LinkState.DOWN
        self.counters = Counters()
        self._deliver = deliver
        self._clock = clock
        self._report = report
        self._backoff = Backoff(settings.retry_first, settings.retry_most, rng)
        self._refused_backoff = Backoff(settings.retry_credentials, settings.retry_credentials * 4, rng)
        # Every session sees every OriginateResponse, so ids must differ between daemons and restarts.
        self._ids = map(f"acd-{rng.getrandbits(48):012x}-{{}}".format, itertools.count(1))
        self._current: AmiProtocol | None = None
        self._connecting: asyncio.Timeout | None = None
        self._closing: asyncio.Future[None] | None = None
        self._up_since = 0
        self._trouble = ("", "")
        self._ended = False

    def __repr__(self) -> str:
        """Show the switch and the state, never the secret."""
        return f"<AmiLink {self.settings!r} {self.state.value}>"

    @property
    def up(self) -> bool:
        """Whether actions can be sent."""
        return self.state is LinkState.UP

    @property
    def read_at(self) -> int:
        """When the bytes now being delivered were read, monotonic ns."""
        return self._current.read_at if self._current is not None else 0

    # ------------------------------------------------------------ life
    async def run(self) -> None:
        """Keep the link up until cancelled or closed. Called once, awaited by its owner."""
        if self._closing is not None:
            raise RuntimeError("AmiLink.run() is called once; make a new link to start again")
        self.loop = asyncio.get_running_loop()
        self._closing = self.loop.create_future()
        try:
            while not self._ended:
                await self._attempt()
                if not self._ended:
                    await asyncio.wait({self._closing}, timeout=self._pause())
        finally:
            self.close()

    def close(self) -> None:
        """End the link for good, wherever it is: connecting, up, or waiting to reconnect."""
        if self._ended:
            return
        self._ended = True
        if self._connecting is not None and not self._connecting.expired():
            self._connecting.reschedule(asyncio.get_running_loop().time())
        if self._current is not None:
            self._current.drop("closed by us")
        if self._closing is not None and not self._closing.done():
            self._closing.set_result(None)
        self.state = LinkState.CLOSED

    def _pause(self) -> float:
        if self.state is LinkState.WRONG_CREDENTIALS:
            return self._refused_backoff.pause()
        self.state = LinkState.DOWN
        # A link that outlived the next pause has earned a fresh start; one that drops at once keeps backing off.
        if self._up_since and self._clock() - self._up_since > self._backoff.ceiling * _SECOND:
            self._backoff.reset()
        self._up_since = 0
        return self._backoff.pause()

    async def _attempt(self) -> None:
        protocol = await self._connect()
        if protocol is None:
            return
        try:
            if await self._come_up(protocol):
                await self._keep_alive(protocol)
        finally:
            protocol.drop("stopped by its owner")

    async def _connect(self) -> AmiProtocol | None:
        where = f"{self.settings.host}:{self.settings.port}"
        self._progress(LinkState.CONNECTING)
        self.counters.connects += 1
        try:
            async with asyncio.timeout(self.settings.connect_deadline) as self._connecting:
                _, protocol = await asyncio.get_running_loop().create_connection(
                    self._make_protocol, self.settings.host, self.settings.port
                )
        except TimeoutError:
            # close() ends a hanging connect by moving this very deadline: that is no fault.
            if not self._ended:
                self._trouble_once(
                    "connect_failed", f"{where}: no answer within {self.settings.connect_deadline} s"
                )
        except (OSError, UnicodeError) as error:
            self._trouble_once("connect_failed", f"{where}: {error}")
        else:
            self._progress(LinkState.LOGGING_IN)
            return protocol
        finally:
            self._connecting = None
        return None

    def _make_protocol(self) -> AmiProtocol:
        self._current = AmiProtocol(self, self.counters, self._clock, self._ids.__next__)
        self.protocol = self._current
        return self._current

    async def _come_up(self, protocol: AmiProtocol) -> bool:
        """Wait for the login's answer and, where wanted, for FullyBooted; both move on in the reading callback."""
        settings = self.settings
        if not await _within(settings.login_deadline, protocol, protocol.logged_in) and not protocol.closed:
            asked = (
                "the login was not answered"
                if protocol.codec.greeted
                else "no AMI greeting: is it the manager port?"
            )
            self._trouble_once("login_failed", f"{settings.host}:{settings.port}: {asked}")
            protocol.drop(asked)
        if not protocol.closed and not await _within(settings.boot_deadline, protocol, protocol.up):
            self._not_booted(protocol)
        return not protocol.closed

    def _not_booted(self, protocol: AmiProtocol) -> None:
        if protocol.closed:
            return
        hint = "give the manager user `read = system` or set wait_fully_booted = false"
        self._trouble_once("not_booted", f"no FullyBooted within {self.settings.boot_deadline} s: {hint}")
        protocol.drop("Asterisk did not finish booting")

    async def _keep_alive(self, protocol: AmiProtocol) -> None:
        """Watch for silence: any bytes count as life; without any, a Ping must bring some in time."""
        settings = self.settings
        while not protocol.lost.done():
            seen = protocol.segments
            await _within(settings.ping_every, protocol, protocol.lost)
            protocol.expire()
            if protocol.lost.done() or protocol.segments != seen:
                continue
            heard = protocol.next_read()
            self.ping()
            await _within(settings.ping_deadline, protocol, heard)
            if protocol.segments == seen:
                protocol.drop(
                    f"silent for {settings.ping_every + settings.ping_deadline} s, no answer to Ping"
                )

    def ping(self) -> None:
        """Ask for a sign of life; does nothing when the link is down."""
        if self.up:
            # Its loss is what _keep_alive watches for; it is no failed action of anybody.
            ping = Pending("Ping", self._expiry(None), lambda _name, _error: None)
            self._usable("Ping").request(_NO_HEADERS, ping)

    # ------------------------------------------------------------ asking
    async def action(
        self, name: str, headers: Headers = _NO_HEADERS, deadline: float | None = None
    ) -> Response:
        """Send an action and return its response.

        Raises LinkDownError (down, or dropped meanwhile), ActionFailedError (refused), ActionTimeoutError (`deadline`
        in seconds, else the setting), ValueError (not sendable). Nothing is sent a second time in any case.
        """
        return await self._awaited(headers, PendingResponse(name, self._expiry(deadline)), deadline)

    async def collect(
        self, name: str, headers: Headers, complete_event: str, deadline: float | None = None
    ) -> list[Event]:
        """Send an action that answers with a list; return the items we read, once `complete_event` has come.

        The items reach the inbox too, in their place among the other events. Errors as in `action`.
        """
        pending = PendingList(name, self._expiry(deadline), complete_event, self.settings.list_limit)
        return await self._awaited(headers, pending, deadline)

    def send(self, name: str, headers: Headers = _NO_HEADERS) -> None:
        """Send an action nobody waits for.

        Raises LinkDownError or ValueError at once; a refusal, a missing answer or a lost link is counted and reported.
        """
        self._usable(name).request(headers, Pending(name, self._expiry(None), self._send_failed))

    def send_action(
        self,
        action: Mapping[str, str],
        as_list: object = None,
        **kwargs: str,
    ) -> asyncio.Future[Response]:
        """Panoramisk's way of asking: a mapping with `Action`; the future ends in a response or one of our errors."""
        if as_list:
            raise TypeError("AmiLink.send_action() gives one response; use collect() for a list")
        merged = {**action, **kwargs}
        name = next((value for key, value in merged.items() if key.lower() == "action"), "")
        headers = {key: value for key, value in merged.items() if key.lower() not in _IDS_OF_PANORAMISK}
        _, pending = self._usable(name).request(headers, PendingResponse(name, self._expiry(None)))
        return pending.future

    async def _awaited(
        self, headers: Headers, asked: PendingAnswer[_Answer], deadline: float | None
    ) -> _Answer:
        protocol = self._usable(asked.name)
        action_id, _ = protocol.request(headers, asked)
        try:
            async with asyncio.timeout(self.settings.action_deadline if deadline is None else deadline):
                return await asked.future
        except TimeoutError:
            raise expired(asked) from None
        finally:
            protocol.forget(action_id)

    def _usable(self, name: str) -> AmiProtocol:
        if not self.up or self._current is None:
            raise LinkDownError(f"{name}: the AMI link to {self.settings.switch!r} is {self.state.value}")
        return self._current

    def _expiry(self, deadline: float | None) -> int:
        seconds = self.settings.action_deadline if deadline is None else deadline
        return self._clock() + round(seconds * _SECOND)

    def _send_failed(self, name: str, error: AmiError) -> None:
        self.counters.send_failures += 1
        self._fault("send_failed", str(error) or name)

    # ------------------------------------------------------------ what the connection tells (protocol.Owner)
    def greeted(self, protocol: AmiProtocol) -> None:
        """Log in: the secret goes only to a peer that greeted as AMI."""
        user = {"Username": self.settings.username, "Secret": self.settings.secret, "Events": "on"}
        protocol.login(user)

    def login_answered(self, protocol: AmiProtocol, answer: Response) -> None:
        """Go on to booting or up, or end the connection and try again slowly."""
        if not answer.ok:
            self.state = LinkState.WRONG_CREDENTIALS
            hint = "check user, secret and permit lines in manager.conf against the daemon's settings"
            self._trouble_once("wrong_credentials", f"Asterisk says {answer.message!r}; {hint}")
            protocol.drop("wrong credentials")
            return
        self.authenticated = True
        self.state = LinkState.BOOTING
        protocol.logged_in.set_result(None)
        if not self.settings.wait_fully_booted:
            self._came_up(protocol)

    def dispatch(self, event: Event) -> None:
        """Count an event and put it into the inbox."""
        name = type(event).__name__
        self.counters.events[name] = self.counters.events.get(name, 0) + 1
        self._hand_over(event)

    def event_seen(self, protocol: AmiProtocol, event: Event) -> None:
        """Come up with the FullyBooted that follows the login."""
        if isinstance(event, FullyBooted) and protocol.logged_in.done() and not protocol.up.done():
            self._came_up(protocol)

    def dropped(self, protocol: AmiProtocol, reason: str) -> None:
        """Tell the loss of a link that was up."""
        self.authenticated = False
        if protocol.up.done():
            self.state = LinkState.DOWN
            self.counters.losses += 1
            self._hand_over(LinkDown(self.settings.switch, self._clock(), reason))
        elif not self._ended and self.state is not LinkState.WRONG_CREDENTIALS:
            self._trouble_once("connection_dropped", f"before the link was up: {reason}")

    def _came_up(self, protocol: AmiProtocol) -> None:
        self.state = LinkState.UP
        self._up_since = self._clock()
        self._trouble = ("", "")
        self._refused_backoff.reset()
        self.counters.ups += 1
        protocol.up.set_result(None)
        self._hand_over(LinkUp(self.settings.switch, self._up_since, protocol.codec.version))

    # ------------------------------------------------------------ outwards
    def _hand_over(self, item: Inbox) -> None:
        try:
            self._deliver(item)
        except Exception as error:  # noqa: BLE001 - whatever the inbox raises must not cost the link or the next event
            self.counters.deliver_errors += 1
            self._fault("deliver_failed", f"{type(item).__name__}: {error!r}")

    def _progress(self, state: LinkState) -> None:
        if self.state is not LinkState.WRONG_CREDENTIALS:
            self.state = state

    def _trouble_once(self, kind: str, detail: str) -> None:
        """Report a trouble when it is not the one reported last: retries go on for hours."""
        if (kind, detail) != self._trouble:
            self._trouble = (kind, detail)
            self._fault(kind, detail)

    def _fault(self, kind: str, detail: str) -> None:
        try:
            self._report(LinkFault(self.settings.switch, self._clock(), kind, detail))
        except Exception:  # noqa: BLE001 - a failing reporter has nobody left to tell; the counter shows it
            self.counters.report_errors += 1

    # ------------------------------------------------------------ panoramisk's other doors
    def connect(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: a link is connected by its owner awaiting `run()`."""
        raise TypeError("AmiLink connects in run(); await that")

    def register_event(self, pattern: str, callback: Callable[..., Any] | None = None) -> None:
        """Refuse: all events go to `deliver`. Only panoramisk's own registration, its re-sender, is passed over."""
        if callback != self.send_awaiting_actions:
            raise TypeError(f"AmiLink delivers every event to its inbox; read {pattern!r} there")

    async def send_awaiting_actions(self, *_: object) -> None:
        """Send nothing: an action is never repeated after a reconnect."""


async def _within(seconds: float, protocol: AmiProtocol, future: asyncio.Future[None]) -> bool:
    """Wait for `future` or the connection's end, at most so long; return whether it is the future that is done."""
    await asyncio.wait({protocol.lost, future}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return future.done()
