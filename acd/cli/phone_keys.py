"""What the keys of the configuration stand for on one agent's phone."""

from collections.abc import Iterable, Iterator

from config.schema import Settings, members
from hardware.provisioning.description import Key, Kind, Language
from hardware.provisioning.words import label


class Keys:
    """Reads texts such as "queues" or "*45=Log in", of which config.phones has checked form and names."""

    def __init__(self, settings: Settings) -> None:
        """Find out once who serves which queue."""
        self._settings = settings
        self._queues_of: dict[str, list[str]] = {}
        for queue, agents in members(settings).items():
            for agent in agents:
                self._queues_of.setdefault(agent, []).append(queue)

    def of(self, agent: str, texts: Iterable[str], language: Language) -> tuple[Key, ...]:
        """The agent's keys in order; one text may be several keys, or none for who serves no queue."""
        return tuple(key for text in texts for key in self._keys(agent, text, language))

    def _keys(self, agent: str, text: str, language: Language) -> Iterator[Key]:
        what, _, given = text.partition("=")
        kind, _, name = what.partition(":")
        if kind == "line":
            yield Key(kind=Kind.LINE, label=given or self._agent(agent))
        elif not kind.isalpha():
            yield Key(kind=Kind.CODE, label=given or label(what, language), value=what)
        elif kind in {"queue", "queues", "free"}:
            for queue in [name] if name else self._queues_of.get(agent, []):
                yield self._queue_lamp(kind.removesuffix("s"), queue, given, language)
        else:
            word = "" if kind == "agent" else label(kind, language)
            parts = [word, self._agent(name or agent)] if name or not word else [word]
            shown = given or " ".join(parts).strip()
            yield Key(kind=Kind.LAMP, label=shown, value=f"acd-{kind}-{name or agent}")

    def _queue_lamp(self, kind: str, queue: str, given: str, language: Language) -> Key:
        title = self._settings.queues[queue].title or queue
        shown = title if kind == "queue" else f"{label(kind, language)} {title}"
        return Key(kind=Kind.LAMP, label=given or shown, value=f"acd-{kind}-{queue}")

    def _agent(self, name: str) -> str:
        return self._settings.agents[name].title or name
