# ruff: noqa: RUF001 - Cyrillic letters that look like Latin ones are what Russian is written with
"""Russian: gender, three cases, and nouns in three forms ("одна минута, две минуты, пять минут")."""

from typing import Final

from telephony.speech.grammar import build, same, series


def _noun(one: str, few: str, many: str) -> str:
    """The noun by the last digits of its number: 1, 2 to 4, the rest; the teens are the rest."""
    return f"0: {many} \n 1: {one} \n 2: {few} \n 5: {many} \n 20: [ > | {many} ] \n 100: [ > | {many} ] \n 1000: [ > | {many} ]"


def _ordinal(ending: str) -> str:
    """Only the last word is an ordinal."""
    return f"""
        1-19: digits/h-*{ending}
        20-90+10: [ digits/* > | digits/h-*{ending} ]
        100-900+100: [ digits/* > | digits/h-*{ending} ]
    """


_CARDINAL: Final = """
0-19: digits/*
20-90+10: digits/* [ > ]
100-900+100: digits/* [ > ]
1000: <cardinal.f <thousands [ > ]
1000000: <cardinal <millions [ > ]
"""
_ACCUSATIVE: Final = _CARDINAL + "1000: <cardinal.f.acc <thousands.acc [ > ] \n"
_GENITIVE: Final = """
0-19: digits/*-gen
20-90+10: digits/*-gen [ > ]
100-900+100: digits/*-gen [ > ]
1000: <cardinal.f.gen <thousands.gen [ > ]
1000000: <cardinal.gen <millions.gen [ > ]
"""
_SETS: Final = {
    "cardinal": _CARDINAL,
    "cardinal.f": _CARDINAL + "1-2: digits/*f",
    "cardinal.n": _CARDINAL + "1: digits/1n",
    "cardinal.acc": _ACCUSATIVE,
    "cardinal.f.acc": _ACCUSATIVE + "1: digits/1f-acc \n 2: digits/2f",
    "cardinal.n.acc": _ACCUSATIVE + "1: digits/1n",
    "cardinal.gen": _GENITIVE,
    "cardinal.f.gen": _GENITIVE + "1: digits/1f-gen",
    "thousands": _noun("thousand", "thousands-few", "thousands"),
    "thousands.acc": _noun("thousand-acc", "thousands-few", "thousands"),
    "thousands.gen": _noun("thousands-few", "thousands", "thousands"),
    "millions": _noun("million", "millions-few", "millions"),
    "millions.gen": _noun("millions-few", "millions", "millions"),
    "ordinal": _ordinal(""),
    "ordinal.f": _ordinal("f"),
    "ordinal.n": _ordinal("n"),
    "ordinal.gen": _ordinal("-gen"),
    "digit": "0-9: digits/*",
    "second-noun": _noun("second", "seconds-few", "seconds"),
    "second-noun.acc": _noun("second-acc", "seconds-few", "seconds"),
    "second-noun.gen": _noun("seconds-few", "seconds", "seconds"),
    "minute-noun": _noun("minute", "minutes-few", "minutes"),
    "minute-noun.acc": _noun("minute-acc", "minutes-few", "minutes"),
    "minute-noun.gen": _noun("minutes-few", "minutes", "minutes"),
    "hour-noun": _noun("hour", "hours-few", "hours"),
    "hour-noun.gen": _noun("hours-few", "hours", "hours"),
    "seconds": "0: =cardinal.f =second-noun",
    "seconds.acc": "0: =cardinal.f.acc =second-noun.acc",
    "seconds.gen": "0: =cardinal.f.gen =second-noun.gen",
    "minutes": "0: =cardinal.f =minute-noun",
    "minutes.acc": "0: =cardinal.f.acc =minute-noun.acc",
    "minutes.gen": "0: =cardinal.f.gen =minute-noun.gen",
    "hours": "0: =cardinal =hour-noun",
    "hours.acc": "0: =cardinal.acc =hour-noun",
    "hours.gen": "0: =cardinal.gen =hour-noun.gen",
    "duration": "0: =seconds \n 60/60: <minutes [ > ] \n 3600/3600: <hours [ > ]",
    "duration.acc": "0: =seconds.acc \n 60/60: <minutes.acc [ > ] \n 3600/3600: <hours.acc [ > ]",
    "duration.gen": "0: =seconds.gen \n 60/60: <minutes.gen [ > ] \n 3600/3600: <hours.gen [ > ]",
    "about": "0: about =duration.gen",
    "less-than": "0: less-than =duration.gen",
    "more-than": "0: more-than =duration.gen",
    "caller-noun.gen": _noun("caller", "callers", "callers"),
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "time": "0/60: <hours [ >minutes ]",
    "time.acc": "0/60: <hours.acc [ >minutes.acc ]",
    "year": "1900/1000: thousand >ordinal.gen \n 2000: [ digits/2f thousands-few >ordinal.gen | digits/h-2000-gen ]",
}
_PHRASES: Final = {
    "+": "letters/plus",
    "*": "digits/star",
    "#": "digits/pound",
    "next": "you-are-next",
    "position": "position-is n=ordinal.f",
    "position-more-than": "position-more-than n=cardinal.gen n=caller-noun.gen",
    "wait-about": "wait-is n=about",
    "wait-exactly": "wait-is n=duration.acc",
    "wait-less-than": "wait-is n=less-than",
    "wait-more-than": "wait-is n=more-than",
    "date": "weekday=weekday day=ordinal.gen month=month",
    "date-year": "weekday=weekday day=ordinal.gen month=month year=year year",
    "today": "digits/today digits/at time=time.acc",
    "tomorrow": "digits/tomorrow digits/at time=time.acc",
    "moment": "weekday=weekday day=ordinal.gen month=month digits/at time=time.acc",
}
_SMALL: Final = series(
    "digits/*",
    range(20),
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
)
_TENS: Final = series(
    "digits/*",
    range(20, 100, 10),
    "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
)
_HUNDREDS: Final = series(
    "digits/*",
    range(100, 1000, 100),
    "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот",
)
_GENITIVES: Final = {
    **series(
        "digits/*-gen",
        range(20),
        "ноля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати",
    ),
    **series(
        "digits/*-gen",
        range(20, 100, 10),
        "двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста",
    ),
    **series(
        "digits/*-gen",
        range(100, 1000, 100),
        "ста двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот",
    ),
}
_ORDINALS: Final = {
    **series(
        "digits/h-*",
        range(1, 20),
        "первый второй третий четвёртый пятый шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый восемнадцатый девятнадцатый",
    ),
    **series(
        "digits/h-*",
        range(20, 100, 10),
        "двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый",
    ),
}
_HUNDREDTHS: Final = series(
    "digits/h-*",
    range(100, 1000, 100),
    "сотый двухсотый трёхсотый четырёхсотый пятисотый шестисотый семисотый восьмисотый девятисотый",
)
_ENDINGS: Final = {"f": ("ая", "ья"), "n": ("ое", "ье"), "-gen": ("ого", "ьего")}
"""By form: of all ordinals, and of the third."""
_CALENDAR: Final = {
    **series("digits/day-*", range(7), "воскресенье понедельник вторник среда четверг пятница суббота"),
    **series(
        "digits/mon-*",
        range(12),
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    ),
    "digits/at": "в",
    "digits/today": "сегодня",
    "digits/tomorrow": "завтра",
}
_WORDS: Final = {
    **_SMALL,
    **_TENS,
    **_HUNDREDS,
    **_GENITIVES,
    **_ORDINALS,
    **_HUNDREDTHS,
    **{
        f"{key}{form}": f"{word[:-2]}{third if key == 'digits/h-3' else ending}"
        for form, (ending, third) in _ENDINGS.items()
        for key, word in (_ORDINALS | _HUNDREDTHS).items()
    },
    **_CALENDAR,
    "digits/h-2000-gen": "двухтысячного",
    "digits/1f": "одна",
    "digits/1n": "одно",
    "digits/2f": "две",
    "digits/1f-acc": "одну",
    "digits/1f-gen": "одной",
    "thousand": "тысяча",
    "thousand-acc": "тысячу",
    "thousands-few": "тысячи",
    "thousands": "тысяч",
    "million": "миллион",
    "millions-few": "миллиона",
    "millions": "миллионов",
    "digits/star": "звёздочка",
    "digits/pound": "решётка",
    "letters/plus": "плюс",
    "year": "года",
    "second": "секунда",
    "second-acc": "секунду",
    "seconds-few": "секунды",
    "seconds": "секунд",
    "minute": "минута",
    "minute-acc": "минуту",
    "minutes-few": "минуты",
    "minutes": "минут",
    "hour": "час",
    "hours-few": "часа",
    "hours": "часов",
    "about": "около",
    "less-than": "менее",
    "more-than": "более",
    "caller": "звонка.",
    "callers": "звонков.",
    "you-are-next": "Ваш звонок первый в очереди.",
    "position-is": "Ваша позиция в очереди",
    "position-more-than": "В очереди более",
    "wait-is": "Прогнозируемое время ожидания составляет",
}

GRAMMAR: Final = build(
    code="ru",
    voice="ru",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core={
        # Their "pound" is the currency, so not the key.
        **same(
            _SMALL, _TENS, _ORDINALS, _CALENDAR, "digits/1n digits/star letters/plus seconds minutes hours"
        ),
        "digits/100": "digits/hundred",
        "thousand": "digits/thousand",
        "million": "digits/million",
        "minute": "queue-minute",
        "less-than": "queue-less-than",
        "you-are-next": "queue-youarenext",
        "position-is": "queue-thereare",
        "wait-is": "queue-holdtime",
    },
)
