"""Places and waits as sounds: the caller's language, the files that are there, the site's own (telephony.speech)."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from acd.app.announcement import Said
from config.announcing import Announcements
from telephony.speech.files import locate
from telephony.speech.make_prompts import sounds_in
from telephony.speech.registry import choose
from telephony.speech.rounding import Rounding, Step
from telephony.speech.sayings import Said as Spoken
from telephony.speech.sayings import say_position, say_wait

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.speaking")
MINUTES = (Step(86_400, 60),)


class Everything(frozenset[str]):
    """Where nobody looked, every sound is taken to be there; Asterisk passes over what is not."""

    def __contains__(self, _sound: object) -> bool:
        """Whatever it is."""
        return True


EVERYTHING = Everything()


class Speaking:
    """Knows the sounds since it last looked."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nobody has looked."""
        self._daemon = daemon
        self._present: Collection[str] = EVERYTHING
        self._told: set[str] = set()

    async def look(self) -> None:
        """Read the folder of sounds, which takes a moment, so in a thread. One that can't be read is as none."""
        folder = self._daemon.settings.speech.sounds
        if not folder:
            self._present = EVERYTHING
            return
        try:
            self._present = await asyncio.to_thread(sounds_in, Path(folder))
        except OSError as wrong:
            log.warning("sounds_not_read", folder=folder, error=str(wrong))
            self._present = EVERYTHING

    def line(self, said: Said, language: str, rule: Announcements) -> tuple[str, ...]:
        """Sounds for what is to be said; none for what is not."""
        settings = self._daemon.settings.speech
        choice = choose(language or settings.language, settings.language)
        spoken: list[Spoken] = []
        if said.place:
            beyond = said.place + 1 if said.place_more else said.place
            spoken.append(say_position(beyond, choice, limit=max(2, rule.position_most)))
        if said.minutes:
            most = int(rule.wait_most) // 1000
            rounding = Rounding(steps=MINUTES, least=60, most=max(most, 61))
            spoken.append(say_wait(said.minutes * 60 + said.minutes_more, choice, rounding=rounding))
        return tuple(file for one in spoken for file in self.files(one))

    def files(self, said: Spoken) -> tuple[str, ...]:
        """Sounds for anything that can be said; a missing one is told once and left out."""
        found = locate(said, self._present, self._daemon.settings.speech.prompts)
        self._tell_missing(found.missing, said.choice.code)
        return found.files

    def _tell_missing(self, prompts: tuple[str, ...], code: str) -> None:
        for prompt in prompts:
            if f"{code} {prompt}" not in self._told:
                self._told.add(f"{code} {prompt}")
                log.warning("prompt_missing", prompt=prompt, language=code)
