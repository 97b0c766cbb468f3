"""German: "einundzwanzig" is one prompt, hours by twenty-four."""

from itertools import chain
from typing import Final

from telephony.speech.grammar import build, same, series

_CARDINAL: Final = """
0-99: digits/*
100: <cardinal.m digits/hundred [ > ]
1000: <cardinal.m digits/thousand [ > ]
1000000: digits/1F digits/million [ > ]
2000000: <cardinal.f digits/millions [ > ]
"""
_ATTRIBUTIVE: Final = _CARDINAL + "1: digits/1M"
_ORDINAL: Final = """
1-99: digits/h-*
100: <cardinal.m [ digits/hundred > | digits/h-hundred ]
"""
_SETS: Final = {
    "cardinal": _CARDINAL,
    "cardinal.m": _ATTRIBUTIVE,
    "cardinal.n": _ATTRIBUTIVE,
    "cardinal.f": _CARDINAL + "1: digits/1F",
    "ordinal": _ORDINAL,
    "digit": "0-9: digits/*",
    "seconds": "0: =cardinal.f seconds \n 1: digits/1F second \n 2: =cardinal.f seconds",
    "minutes": "0: =cardinal.f minutes \n 1: digits/1F minute \n 2: =cardinal.f minutes",
    "hours": "0: =cardinal.f hours \n 1: digits/1F hour \n 2: =cardinal.f hours",
    "duration": "0: =seconds \n 60/60: <minutes [ > ] \n 3600/3600: <hours [ > ]",
    "about": "0: about =duration",
    "less-than": "0: less-than =duration",
    "more-than": "0: more-than =duration",
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "day": "1-31: digits/h-*-r",
    "time": "0/60: <cardinal.m digits/oclock [ >cardinal ]",
    "year": "1900/100: <cardinal digits/hundred [ >cardinal ] \n 2000: =cardinal",
}
_PHRASES: Final = {
    "+": "letters/plus",
    "*": "digits/star",
    "#": "digits/pound",
    "next": "you-are-next",
    "position": "position-is n=cardinal position-end",
    "position-more-than": "position-more-than n=cardinal position-more-than-end",
    "wait-about": "wait-is n=about",
    "wait-exactly": "wait-is n=duration",
    "wait-less-than": "wait-is n=less-than",
    "wait-more-than": "wait-is n=more-than",
    "date": "weekday=weekday day=day month=month",
    "date-year": "weekday=weekday day=day month=month year=year",
    "today": "digits/today digits/at time=time",
    "tomorrow": "digits/tomorrow digits/at time=time",
    "moment": "weekday=weekday day=day month=month digits/at time=time",
}
_SMALL: Final = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_TENS: Final = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_UNITS: Final = (
    "",
    "einund",
    "zweiund",
    "dreiund",
    "vierund",
    "fünfund",
    "sechsund",
    "siebenund",
    "achtund",
    "neunund",
)
_CARDINALS: Final = [*_SMALL, *chain.from_iterable([f"{unit}{ten}" for unit in _UNITS] for ten in _TENS)]
_ODD_ORDINALS: Final = {"eins": "erste", "drei": "dritte", "sieben": "siebte", "acht": "achte"}
_ORDINALS: Final = [
    _ODD_ORDINALS.get(word, f"{word}te" if number < 20 else f"{word}ste")
    for number, word in enumerate(_CARDINALS)
][1:]
_WORDS: Final = {
    **series("digits/*", range(100), " ".join(_CARDINALS)),
    **series("digits/h-*", range(1, 100), " ".join(_ORDINALS)),
    **series("digits/h-*-r", range(1, 32), " ".join(f"{word}r" for word in _ORDINALS[:31])),
    **series("digits/day-*", range(7), "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag"),
    **series(
        "digits/mon-*",
        range(12),
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    ),
    "digits/1M": "ein",
    "digits/1F": "eine",
    "digits/hundred": "hundert",
    "digits/h-hundred": "hundertste",
    "digits/thousand": "tausend",
    "digits/million": "Million",
    "digits/millions": "Millionen",
    "digits/oclock": "Uhr",
    "digits/at": "um",
    "digits/today": "heute",
    "digits/tomorrow": "morgen",
    "digits/star": "Stern",
    "digits/pound": "Raute",
    "letters/plus": "plus",
    "second": "Sekunde",
    "seconds": "Sekunden",
    "minute": "Minute",
    "minutes": "Minuten",
    "hour": "Stunde",
    "hours": "Stunden",
    "about": "ungefähr",
    "less-than": "weniger als",
    "more-than": "mehr als",
    "you-are-next": "Sie sind als Nächstes an der Reihe.",
    "position-is": "Sie sind Nummer",
    "position-end": "in der Warteschlange.",
    "position-more-than": "In der Warteschlange sind mehr als",
    "position-more-than-end": "Anrufer.",
    "wait-is": "Die voraussichtliche Wartezeit beträgt",
}

GRAMMAR: Final = build(
    code="de",
    voice="de",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core=same(),  # Asterisk has no German core sounds
)
