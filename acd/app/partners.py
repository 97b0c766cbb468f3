"""Whom the exchange works with, as it sees them. Each is set by the daemon; without one its part is left out."""

from typing import Protocol

from acd.core import commands as cmd
from acd.core.ids import CallId, OfferId, SwitchName
from telephony.agi.codec import AgiReply, AgiRequest
from telephony.agi.conversation import PLAIN, Presentation
from telephony.agi.session import AgiSession
from telephony.ami import messages as ami


class SideSessions(Protocol):
    """Who takes the sessions that are about no waiting caller; see acd.app.scripts.sessions."""

    def takes(self, request: AgiRequest) -> bool:
        """Whether it is one of those."""

    def started(self, session: AgiSession, switch: SwitchName) -> None:
        """It begins."""

    def replied(self, session: AgiSession, reply: AgiReply) -> bool:
        """A reply to it; False: not one of those."""

    def ended(self, session: AgiSession) -> bool:
        """It is over; False: not one of those, or known already."""


class Features(Protocol):
    """What agents and other programs say while calls go on; see acd.app.features.desk."""

    def pressed(self, offer: OfferId, key: str) -> None:
        """An agent pressed a key in a talk."""

    def user_event(self, event: ami.UserEvent) -> None:
        """The dialplan, or another program, says something."""


class LineMaker(Protocol):
    """Who makes lines for work that no caller waits for; see acd.app.errands."""

    def begin(self, offer: cmd.Offer) -> None:
        """Make one, to dial from."""

    def rescind(self, offer: OfferId) -> bool:
        """Stop an offer whose line is being made; False: it is none of those."""

    def hold(self, call: CallId) -> bool:
        """Nobody is free for it now; True: the line has gone."""

    def wanted(self, call: CallId) -> cmd.Offer | None:
        """The line's session is here: what is to be dialled from it."""

    def user_event(self, event: ami.UserEvent) -> bool:
        """The dialplan tells what became of it; False: something else."""

    def originated(self, event: ami.OriginateResponse) -> None:
        """Asterisk tells that it could not be made."""


class Presenter(Protocol):
    """How offers are put to phones; see acd.app.presenting."""

    def present(self, offer: cmd.Offer) -> Presentation:
        """For one Dial."""

    def recorded(self, call: CallId, file: str) -> None:
        """The caller's session has begun the recording it was told of."""


class Plainly:
    """Nothing but ringing."""

    def present(self, _offer: cmd.Offer) -> Presentation:
        """The same for all."""
        return PLAIN

    def recorded(self, call: CallId, file: str) -> None:
        """Never told of."""
