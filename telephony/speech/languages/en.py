"""English, as in North America: "one hundred twenty-three", hours by twelve."""

from typing import Final

from telephony.speech.grammar import build, same, series

_CARDINAL: Final = """
0-19: digits/*
20-90+10: digits/* [ > ]
100: < digits/hundred [ > ]
1000: < digits/thousand [ > ]
1000000: < digits/million [ > ]
"""
_ORDINAL: Final = """
1-19: digits/h-*
20-90+10: [ digits/* > | digits/h-* ]
100: <cardinal [ digits/hundred > | digits/h-hundred ]
"""
_SETS: Final = {
    "cardinal": _CARDINAL,
    "ordinal": _ORDINAL,
    "digit": "0-9: digits/*",
    "seconds": "0: =cardinal seconds \n 1: digits/1 second \n 2: =cardinal seconds",
    "minutes": "0: =cardinal minutes \n 1: digits/1 minute \n 2: =cardinal minutes",
    "hours": "0: =cardinal hours \n 1: digits/1 hour \n 2: =cardinal hours",
    "duration": "0: =seconds \n 60/60: <minutes [ > ] \n 3600/3600: <hours [ > ]",
    "about": "0: about =duration",
    "less-than": "0: less-than =duration",
    "more-than": "0: more-than =duration",
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "hour": "0: digits/12 \n 1-12: digits/* \n 13/12: >hour",
    "minute-of-hour": "1-9: digits/oh digits/* \n 10: =cardinal",
    "time": """
        0/60: <hour [ >minute-of-hour ] digits/a-m
        720/60: <hour [ >minute-of-hour ] digits/p-m
    """,
    "year": """
        1900/100: <cardinal [ >minute-of-hour | digits/hundred ]
        2000: =cardinal
        2010/100: <cardinal >cardinal
    """,
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
    "date": "weekday=weekday month=month day=ordinal",
    "date-year": "weekday=weekday month=month day=ordinal year=year",
    "today": "digits/today digits/at time=time",
    "tomorrow": "digits/tomorrow digits/at time=time",
    "moment": "weekday=weekday month=month day=ordinal digits/at time=time",
}
_DIGITS: Final = {
    **series(
        "digits/*",
        range(20),
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    ),
    **series("digits/*", range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety"),
    **series(
        "digits/h-*",
        range(1, 20),
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth",
    ),
    **series(
        "digits/h-*",
        range(20, 100, 10),
        "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth",
    ),
    **series("digits/day-*", range(7), "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"),
    **series(
        "digits/mon-*",
        range(12),
        "January February March April May June July August September October November December",
    ),
    "digits/hundred": "hundred",
    "digits/h-hundred": "hundredth",
    "digits/thousand": "thousand",
    "digits/million": "million",
    "digits/oh": "oh",
    "digits/a-m": "A M",
    "digits/p-m": "P M",
    "digits/at": "at",
    "digits/today": "today",
    "digits/tomorrow": "tomorrow",
    "digits/star": "star",
    "digits/pound": "pound",
    "letters/plus": "plus",
}
_UNITS: Final = {
    "second": "second",
    "seconds": "seconds",
    "minute": "minute",
    "minutes": "minutes",
    "hours": "hours",
}
_WORDS: Final = {
    **_DIGITS,
    **_UNITS,
    "hour": "hour",
    "about": "about",
    "less-than": "less than",
    "more-than": "more than",
    "you-are-next": "You are next in line.",
    "position-is": "You are caller number",
    "position-end": "in line.",
    "position-more-than": "There are more than",
    "position-more-than-end": "callers in line.",
    "wait-is": "The estimated wait is",
}

GRAMMAR: Final = build(
    code="en",
    voice="en-us",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core={
        **same(_DIGITS, _UNITS),
        "less-than": "queue-less-than",
        "you-are-next": "queue-youarenext",
        "position-is": "queue-thereare",
        "position-end": "queue-callswaiting",
        "position-more-than": "queue-quantity1",
        "position-more-than-end": "queue-quantity2",
        "wait-is": "queue-holdtime",
    },
)
