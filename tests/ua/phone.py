"""A phone: registers, takes calls as it is told to, makes calls. See README.md for usage."""

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from tests.ua.address import Endpoint, uri_of, uri_text
from tests.ua.behaviour import Behaviour, Ring
from tests.ua.call import ALLOW, Call
from tests.ua.dialog import Dialog, Local
from tests.ua.digest import ANSWERED_BY, Credentials, answer
from tests.ua.errors import RefusedError, UserAgentError
from tests.ua.incoming import IncomingCall
from tests.ua.ladder import Ladder
from tests.ua.message import Header, Request, Response, respond
from tests.ua.outgoing import OutgoingCall
from tests.ua.subscription import BODIES, Subscription
from tests.ua.timing import Timing
from tests.ua.wire import Wire

LINGER_S: Final = 1.0
Choice = Behaviour | Callable[[IncomingCall], Behaviour]


class Phone:
    """One SIP user agent on one UDP port of `host`.

    `server` is where REGISTER and calls go. `on_invite` says what to do with each incoming call (or chooses per call);
    `script` holds behaviours for the next calls, used up first. Leaving the context hangs up, unsubscribes and unregisters
    what is left, for at most a second, and raises the faults that callbacks met as an ExceptionGroup.
    """

    def __init__(
        self,
        user: str,
        *,
        server: Endpoint,
        password: str = "",
        display: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        on_invite: Choice | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.user = user
        self.server = server
        self.display = display
        self.on_invite: Choice = on_invite or Ring()
        self.script: deque[Behaviour] = deque()
        self.calls: list[Call] = []
        self.notices: list[Request] = []
        """NOTIFY and MESSAGE requests outside any call and any subscription."""
        self.subscriptions: list[Subscription] = []
        self.wire = Wire(user, timing or Timing())
        self.local = Local(contact="")
        self._credentials = Credentials(user, password) if password else None
        self._bind = (host, port)
        self._arrived: deque[IncomingCall] = deque()
        self._by_dialog: dict[tuple[str, str], Call] = {}
        self._registration: Dialog | None = None

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> Self:
        host, port = await self.wire.open(*self._bind)
        self.local = Local(contact=f"<sip:{self.user}@{host}:{port}>")
        self.wire.on_request = self._requested
        self.wire.on_ack = self._acknowledged
        self.wire.on_not_acknowledged = self._not_acknowledged
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(LINGER_S):
                await self._leave()
        except (TimeoutError, UserAgentError):
            pass  # the server is gone or deaf: the test has seen that already, or did not care
        for call in self.calls:
            call.drop()
        self.wire.close()
        if self.wire.faults and error is None:
            raise ExceptionGroup(f"{self.user}: faults in callbacks\n{self.ladder}", self.wire.faults)

    @property
    def address(self) -> Endpoint:
        return self.ladder.address

    @property
    def uri(self) -> str:
        """Where this phone is reached directly."""
        return uri_text(self.local.contact)

    @property
    def ladder(self) -> Ladder:
        return self.wire.ladder

    @property
    def faults(self) -> list[Exception]:
        """What callbacks met; clear it when a test provoked it."""
        return self.wire.faults

    @property
    def unplugged(self) -> bool:
        """While True nothing goes in or out."""
        return self.wire.unplugged

    @unplugged.setter
    def unplugged(self, out: bool) -> None:
        self.wire.unplugged = out

    def at_server(self, target: str) -> str:
        """A URI as it is; a bare number as a URI at the server."""
        return target if ":" in target else f"sip:{target}@{self.server[0]}:{self.server[1]}"

    # ------------------------------------------------------------ registration

    async def register(self, expires: int = 300) -> Response:
        """REGISTER our contact for so many seconds (it is not renewed by itself); raises RefusedError."""
        if self._registration is None:
            me = self._name_addr(self.user, self.display)
            self._registration = self._new_dialog(me, self._server_uri(), remote=me)
        response = await self.ask(self._registration, "REGISTER", (("Expires", str(expires)),), b"")
        if response.status >= 300:
            raise RefusedError(f"REGISTER of {self.user}", response.status, response.phrase)
        return response

    async def unregister(self) -> Response:
        """REGISTER with Expires 0."""
        response = await self.register(0)
        self._registration = None
        return response

    # ------------------------------------------------------------ lamps

    async def subscribe(self, target: str, *, event: str = "dialog", expires: int = 300) -> Subscription:
        """SUBSCRIBE to a URI, or a number at the server (it is not renewed by itself); raises RefusedError.

        `event` is dialog or presence. Returns once it is accepted; the first NOTIFY may come later.
        """
        dialog = self._new_dialog(self._name_addr(self.user, self.display), self.at_server(target))
        subscription = Subscription(event, dialog, self.wire.changes)
        self.subscriptions.append(subscription)
        await self._subscribe(subscription, expires)
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        """SUBSCRIBE with Expires 0, and wait for the last NOTIFY."""
        await self._subscribe(subscription, 0)
        await subscription.ended()
        self.subscriptions.remove(subscription)

    # ------------------------------------------------------------ calls

    async def next_call(self, within: float = 5.0) -> IncomingCall:
        """The next incoming call nobody took yet, in order of arrival."""
        await self.wire.changes.until(
            lambda: bool(self._arrived), within=within, what=f"{self.user}: an incoming call"
        )
        return self._arrived.popleft()

    async def invite(
        self,
        target: str,
        *,
        from_user: str = "",
        from_display: str = "",
        headers: dict[str, str] | None = None,
        replaces: Call | None = None,
    ) -> OutgoingCall:
        """Call a URI, or a number at the server; returns once the INVITE is sent.

        `from_user` is what a trunk sends as caller. `replaces` takes over another call's far end (RFC 3891).
        """
        uri = self.at_server(target)
        caller = self._name_addr(from_user or self.user, from_display or self.display)
        dialog = self._new_dialog(caller, uri)
        extra: list[Header] = list((headers or {}).items())
        extra += [("Replaces", replaces.dialog.replaces), ("Require", "replaces")] if replaces else []
        call = OutgoingCall(self, dialog, uri_of(uri).endpoint, tuple(extra), self._credentials)
        self._keep(call)
        call.start()
        return call

    async def options(self, target: str = "") -> Response:
        """OPTIONS to a URI, by default to the server."""
        dialog = self._new_dialog(self._name_addr(self.user, self.display), target or self._server_uri())
        return await self.ask(dialog, "OPTIONS", (), b"")

    async def ask(
        self, call_dialog: Dialog, method: str, headers: tuple[Header, ...], body: bytes
    ) -> Response:
        """Send a request (in a dialog), answer one digest challenge, return the final response.

        A 2xx of a re-INVITE is acknowledged here. Raises RefusedError(408) when no answer comes.
        """
        request = call_dialog.request(
            method, via=self.wire.via(), sender=self.local, headers=headers, body=body
        )
        response = await self.wire.ask(request, call_dialog.next_hop)
        if response.status in ANSWERED_BY and self._credentials is not None:
            asked, answering = ANSWERED_BY[response.status]
            cnonce = self.wire.fresh()
            value = answer(
                response.get(asked), self._credentials, method=method, uri=request.uri, cnonce=cnonce
            )
            all_headers = (*headers, (answering, value))
            request = call_dialog.request(
                method, via=self.wire.via(), sender=self.local, headers=all_headers, body=body
            )
            response = await self.wire.ask(request, call_dialog.next_hop)
        if method == "INVITE" and response.status < 300:
            call_dialog.retarget(response)
            ack = call_dialog.request("ACK", via=self.wire.via(), sender=self.local, seq=request.cseq)
            self.wire.acknowledge(request, ack, call_dialog.next_hop)
        return response

    # ------------------------------------------------------------ inside

    def _requested(self, request: Request) -> None:
        if request.method == "CANCEL":
            self._cancelled(request)
        elif request.to_tag:
            self._inside(request)
        elif request.method == "INVITE":
            self._called(request)
        else:
            self._outside(request)

    def _called(self, invite: Request) -> None:
        if required := invite.all("Require"):
            self._reply(invite, 420, tuple(("Unsupported", value) for value in required))
            return
        call = IncomingCall(self, invite)
        self._keep(call)
        self._arrived.append(call)
        choice = self.script.popleft() if self.script else self.on_invite
        call.behave(choice(call) if callable(choice) else choice)

    def _cancelled(self, cancel: Request) -> None:
        invite = self.wire.cancelled(cancel)
        call = self._call_of(invite) if invite is not None else None
        if isinstance(call, IncomingCall) and call.waiting:
            call.handle_cancel(cancel)
        else:  # it crossed our final answer, or names nothing we know
            self._reply(cancel, 200 if invite is not None else 481)

    def _inside(self, request: Request) -> None:
        call = self._by_dialog.get((request.call_id, request.to_tag))
        if call is not None:
            call.handle(request)
        elif request.method == "NOTIFY" and (watched := self._subscription_of(request)) is not None:
            self._notified(watched, request)
        else:
            self._reply(request, 481)

    def _notified(self, subscription: Subscription, notify: Request) -> None:
        status = subscription.refusal(notify)
        self._reply(notify, status)
        if status == 200:
            subscription.note(notify)

    def _subscription_of(self, notify: Request) -> Subscription | None:
        name = (notify.call_id, notify.to_tag)
        mine = (one for one in self.subscriptions if (one.dialog.call_id, one.dialog.local_tag) == name)
        return next(mine, None)

    def _outside(self, request: Request) -> None:
        if request.method == "OPTIONS":
            self._reply(request, 200, (("Allow", ALLOW), ("Accept", "application/sdp")))
        elif request.method in {"NOTIFY", "MESSAGE"}:
            self.notices.append(request)
            self._reply(request, 200)
        else:
            self._reply(request, 405, (("Allow", ALLOW),))

    def _acknowledged(self, invite: Request, ack: Request) -> None:
        if (call := self._call_of(invite)) is not None:
            call.handle_ack(ack)

    def _not_acknowledged(self, invite: Request) -> None:
        if (call := self._call_of(invite)) is not None:
            call.handle_not_acknowledged()

    def _call_of(self, invite: Request) -> Call | None:
        """The call an INVITE belongs to: an incoming one's To had no tag yet, a re-INVITE's has."""
        if invite.to_tag:
            return self._by_dialog.get((invite.call_id, invite.to_tag))
        mine = (call for call in self.calls if isinstance(call, IncomingCall))
        return next((call for call in mine if call.invite.branch == invite.branch), None)

    def _reply(self, request: Request, status: int, headers: tuple[Header, ...] = ()) -> None:
        self.wire.respond(request, respond(request, status, to_tag=self.wire.fresh(), headers=headers))

    def _keep(self, call: Call) -> None:
        self.calls.append(call)
        self._by_dialog[call.dialog.call_id, call.dialog.local_tag] = call

    async def _subscribe(self, subscription: Subscription, expires: int) -> None:
        headers = (
            ("Event", subscription.event),
            ("Accept", BODIES[subscription.event]),
            ("Expires", str(expires)),
        )
        try:
            subscription.accepted(await self.ask(subscription.dialog, "SUBSCRIBE", headers, b""))
        except RefusedError:
            self.subscriptions.remove(subscription)
            raise

    async def _leave(self) -> None:
        if self.unplugged:
            return
        watched = [one for one in self.subscriptions if not one.over]
        await asyncio.gather(*(self.unsubscribe(one) for one in watched), return_exceptions=True)
        mine = [call for call in self.calls if isinstance(call, IncomingCall | OutgoingCall)]
        await asyncio.gather(*(call.hangup() for call in mine), return_exceptions=True)
        if self._registration is not None:
            await self.unregister()

    def _new_dialog(self, caller: str, target: str, *, remote: str = "") -> Dialog:
        return Dialog(
            call_id=self.wire.fresh(),
            local=caller,
            remote=remote or f"<{target}>",
            local_tag=self.wire.fresh(),
            target=target,
        )

    def _server_uri(self) -> str:
        return f"sip:{self.server[0]}:{self.server[1]}"

    def _name_addr(self, user: str, display: str) -> str:
        name = f'"{display}" ' if display else ""
        return f"{name}<{self.at_server(user)}>"
