"""French, as in France and Canada: "vingt et un", "soixante et onze", "quatre-vingts", hours by twenty-four."""

from typing import Final

from telephony.speech.grammar import build, same, series

_CARDINAL: Final = """
0-19: digits/*
20-50+10: digits/* [ >after-ten ]
60/20: digits/60 [ >after-ten ]
80/20: [ digits/80-joined > | digits/80 ]
100: digits/hundred [ > ]
200: <cardinal [ digits/hundred > | digits/hundreds ]
1000: digits/thousand [ > ]
2000: <before-thousand digits/thousand [ > ]
1000000: digits/1 digits/million [ > ]
2000000: <cardinal digits/millions [ > ]
"""
_FEMININE: Final = """
1: digits/1F
20-50+10: digits/* [ >after-ten.f ]
60/20: digits/60 [ >after-ten.f ]
"""
_BEFORE_THOUSAND: Final = """
80/20: digits/80-joined [ > ]
200: <cardinal digits/hundred [ > ]
"""
_ORDINAL: Final = """
1-19: digits/h-*
20-50+10: [ digits/* >ordinal.after-ten | digits/h-* ]
60/20: [ digits/60 >ordinal.after-ten | digits/h-60 ]
80/20: [ digits/80-joined >ordinal.last | digits/h-80 ]
100: [ digits/hundred >ordinal.last | digits/h-hundred ]
200: <cardinal [ digits/hundred >ordinal.last | digits/h-hundred ]
"""
_SETS: Final = {
    "cardinal": _CARDINAL,
    "cardinal.f": _CARDINAL + _FEMININE,
    "after-ten": "1: digits/et digits/1 \n 2: =cardinal \n 11: digits/et digits/11 \n 12: =cardinal",
    "after-ten.f": "1: digits/et digits/1F \n 2: =cardinal \n 11: digits/et digits/11 \n 12: =cardinal",
    "before-thousand": _CARDINAL + _BEFORE_THOUSAND,
    "ordinal": _ORDINAL,
    "ordinal.f": "1: digits/h-1F \n 2: =ordinal",
    "ordinal.last": "1: digits/h-1-last \n 2: =ordinal",
    "ordinal.after-ten": "1: digits/et digits/h-1-last \n 2: =ordinal \n 11: digits/et digits/h-11 \n 12: =ordinal",
    "digit": "0-9: digits/*",
    "seconds": "0: =cardinal.f second \n 2: =cardinal.f seconds",
    "minutes": "0: =cardinal.f minute \n 2: =cardinal.f minutes",
    "hours": "0: =cardinal.f hour \n 2: =cardinal.f hours",
    "duration": "0: =seconds \n 60/60: <minutes [ > ] \n 3600/3600: <hours [ > ]",
    "about": "0: about =duration",
    # "de" loses its vowel before "une", that is, where the greatest unit is one.
    "less-than": """
        0: less-than =duration
        1: less-than-elided =duration
        2: less-than =duration
        60: less-than-elided =duration
        120: less-than =duration
        3600: less-than-elided =duration
        7200: less-than =duration
    """,
    "more-than": """
        0: more-than =duration
        1: more-than-elided =duration
        2: more-than =duration
        60: more-than-elided =duration
        120: more-than =duration
        3600: more-than-elided =duration
        7200: more-than =duration
    """,
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "day": "1: digits/h-1 \n 2: =cardinal",
    "time": """
        0/60: midnight [ >cardinal.f ]
        60/60: <hours [ >cardinal.f ]
        720/60: noon [ >cardinal.f ]
        780/60: <hours [ >cardinal.f ]
    """,
    "year": "1900: =cardinal",
}
_PHRASES: Final = {
    "+": "letters/plus",
    "*": "digits/star",
    "#": "digits/pound",
    "next": "you-are-next",
    "position": "position-is n=ordinal.f position-end",
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
_DIGITS: Final = {
    **series(
        "digits/*",
        range(20),
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    ),
    **series("digits/*", range(20, 70, 10), "vingt trente quarante cinquante soixante"),
    "digits/80": "quatre-vingts",
    **series("digits/day-*", range(7), "dimanche lundi mardi mercredi jeudi vendredi samedi"),
    **series(
        "digits/mon-*",
        range(12),
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "digits/hundred": "cent",
    "digits/thousand": "mille",
    "digits/million": "million",
    "digits/et": "et",
    "digits/today": "aujourd'hui",
    "digits/tomorrow": "demain",
}
_ORDINALS: Final = {
    **series(
        "digits/h-*",
        range(1, 20),
        "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième douzième treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième",
    ),
    **series("digits/h-*", range(20, 70, 10), "vingtième trentième quarantième cinquantième soixantième"),
    "digits/h-80": "quatre-vingtième",
    "digits/h-hundred": "centième",
}
_WORDS: Final = {
    **_DIGITS,
    **_ORDINALS,
    "digits/1F": "une",
    "digits/80-joined": "quatre-vingt",
    "digits/hundreds": "cents",
    "digits/millions": "millions",
    "digits/h-1F": "première",
    "digits/h-1-last": "unième",
    "digits/star": "étoile",
    "digits/pound": "dièse",
    "letters/plus": "plus",
    "digits/at": "à",
    "midnight": "minuit",
    "noon": "midi",
    "second": "seconde",
    "seconds": "secondes",
    "minute": "minute",
    "minutes": "minutes",
    "hour": "heure",
    "hours": "heures",
    "about": "environ",
    "less-than": "moins de",
    "less-than-elided": "moins d'",
    "more-than": "plus de",
    "more-than-elided": "plus d'",
    "you-are-next": "Vous êtes le prochain appel.",
    "position-is": "Vous êtes en",
    "position-end": "position dans la file d'attente.",
    "position-more-than": "La file d'attente compte plus de",
    "position-more-than-end": "appels.",
    "wait-is": "Temps d'attente estimé :",
}

GRAMMAR: Final = build(
    code="fr",
    voice="fr-fr",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core={
        **same(_DIGITS, _ORDINALS, "digits/star digits/pound letters/plus minute minutes hours seconds"),
        # Heard alike, written otherwise.
        "digits/80-joined": "digits/80",
        "digits/hundreds": "digits/hundred",
        "digits/millions": "digits/million",
        "you-are-next": "queue-youarenext",
    },
)
