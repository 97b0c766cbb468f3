"""What stands beside a key when nobody gave it a label, in the phone's language."""

from collections.abc import Mapping
from typing import Final

from hardware.provisioning.description import Language

_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    # German, English, Spanish, French, Italian: the order of Language.
    "*45": ("An-/Abmelden", "Log in/out", "Entrar/Salir", "Connexion", "Accesso"),
    "*46": ("Pause", "Pause", "Pausa", "Pause", "Pausa"),
    "*47": ("Wartende", "Waiting", "En espera", "En attente", "In attesa"),
    "*480": ("Bereit", "Ready", "Disponible", "Disponible", "Pronto"),
    "*481": ("Mehr Zeit", "More time", "Más tiempo", "Plus de temps", "Più tempo"),
    "*486": ("Hilfe", "Help", "Ayuda", "Aide", "Aiuto"),
    "pause": ("Pausiert", "Paused", "En pausa", "En pause", "In pausa"),
    "missed": ("Verpasst", "Missed", "Perdida", "Manqué", "Persa"),
    "help": ("Hilfe", "Help", "Ayuda", "Aide", "Aiuto"),
    "free": ("Frei", "Free", "Libre", "Libre", "Libero"),
}


def label(what: str, language: Language) -> str:
    """Return the word for a code of features_freepbx.conf or for a kind of lamp; the code itself when there is none."""
    found = _CODES.get(what)
    return what if found is None else found[list(Language).index(language)]
