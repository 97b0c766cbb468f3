"""Spanish, as in Mexico and Spain: gender down to the hundreds, "un" before a noun, hours by twelve and the part of the day."""

from typing import Final

from telephony.speech.grammar import build, same, series

_CARDINAL: Final = """
0-29: digits/*
30-90+10: digits/* [ digits/and > ]
100: [ digits/100-and > | digits/100 ]
200-900+100: digits/* [ > ]
1000: digits/thousand [ > ]
2000: <cardinal.m digits/thousand [ > ]
1000000: digits/1M digits/million [ > ]
2000000: <cardinal.m digits/millions [ > ]
"""
_MASCULINE: Final = "1: digits/1M \n 21: digits/21M \n"
_FEMININE: Final = """
1: digits/1F
21: digits/21F
200-900+100: digits/*F [ > ]
2000: <cardinal.f.before-thousand digits/thousand [ > ]
"""
_ORDINAL: Final = """
1-19: digits/h-*
20-90+10: digits/h-* [ > ]
100-900+100: digits/h-* [ > ]
"""
_SETS: Final = {
    "cardinal": _CARDINAL,
    "cardinal.m": _CARDINAL + _MASCULINE,
    "cardinal.f": _CARDINAL + _FEMININE,
    "cardinal.f.before-thousand": _CARDINAL + _FEMININE + _MASCULINE,
    "ordinal": _ORDINAL,
    "ordinal.f": _ORDINAL.replace("*", "*F"),
    "digit": "0-9: digits/*",
    "seconds": "0: =cardinal.m seconds \n 1: digits/1M second \n 2: =cardinal.m seconds",
    "minutes": "0: =cardinal.m minutes \n 1: digits/1M minute \n 2: =cardinal.m minutes",
    "hours": "0: =cardinal.f hours \n 1: digits/1F hour \n 2: =cardinal.f hours",
    "duration": "0: =seconds \n 60/60: <minutes [ digits/and > ] \n 3600/3600: <hours [ >after-hours ]",
    # "and" stands before the last part only.
    "after-hours": "0: digits/and =seconds \n 60/60: [ <minutes digits/and >seconds | digits/and <minutes ]",
    "about": "0: about =duration",
    "less-than": "0: less-than =duration",
    "more-than": "0: more-than =duration",
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "day": "1: digits/h-1 \n 2: =cardinal",
    "hour": "0: the-hours digits/12 \n 1: the-hour digits/1F \n 2-12: the-hours digits/* \n 13/12: >hour",
    "time": """
        0/60: <hour [ digits/and >cardinal ] at-night
        60/60: <hour [ digits/and >cardinal ] at-dawn
        360/60: <hour [ digits/and >cardinal ] in-the-morning
        720/60: <hour [ digits/and >cardinal ] at-noon
        780/60: <hour [ digits/and >cardinal ] in-the-afternoon
        1200/60: <hour [ digits/and >cardinal ] at-night
    """,
    "year": "1900: =cardinal",
}
_PHRASES: Final = {
    "+": "letters/plus",
    "*": "digits/star",
    "#": "digits/pound",
    "next": "you-are-next",
    "position": "position-is n=cardinal position-end",
    "position-more-than": "position-more-than n=cardinal.f position-more-than-end",
    "wait-about": "wait-is n=about",
    "wait-exactly": "wait-is n=duration",
    "wait-less-than": "wait-is n=less-than",
    "wait-more-than": "wait-is n=more-than",
    "date": "weekday=weekday day=day digits/es-de month=month",
    "date-year": "weekday=weekday day=day digits/es-de month=month digits/es-de year=year",
    "today": "digits/today at time=time",
    "tomorrow": "digits/tomorrow at time=time",
    "moment": "weekday=weekday day=day digits/es-de month=month at time=time",
}
_DIGITS: Final = {
    **series(
        "digits/*",
        range(30),
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve "
        "veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve",
    ),
    **series("digits/*", range(30, 100, 10), "treinta cuarenta cincuenta sesenta setenta ochenta noventa"),
    **series(
        "digits/*",
        range(200, 1000, 100),
        "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    ),
    **series("digits/day-*", range(7), "domingo lunes martes miércoles jueves viernes sábado"),
    **series(
        "digits/mon-*",
        range(12),
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ),
    "digits/100-and": "ciento",
    "digits/thousand": "mil",
    "digits/million": "millón",
    "digits/millions": "millones",
    "digits/1M": "un",
    "digits/1F": "una",
    "digits/and": "y",
    "digits/es-de": "de",
    "digits/today": "hoy",
    "digits/tomorrow": "mañana",
}
_ORDINALS: Final = {
    **series(
        "digits/h-*",
        range(1, 20),
        "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo decimotercero decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno",
    ),
    **series(
        "digits/h-*",
        range(20, 100, 10),
        "vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo",
    ),
}
_HUNDREDTHS: Final = series(
    "digits/h-*",
    range(100, 1000, 100),
    "centésimo ducentésimo tricentésimo cuadringentésimo quingentésimo sexcentésimo septingentésimo octingentésimo noningentésimo",
)
_WORDS: Final = {
    **_DIGITS,
    **_ORDINALS,
    **_HUNDREDTHS,
    **{f"{key}F": f"{word[:-1]}a" for key, word in (_ORDINALS | _HUNDREDTHS).items()},
    **{f"digits/{number}F": f"{_DIGITS[f'digits/{number}'][:-2]}as" for number in range(200, 1000, 100)},
    "digits/21M": "veintiún",
    "digits/21F": "veintiuna",
    "digits/100": "cien",
    "digits/star": "asterisco",
    "digits/pound": "almohadilla",
    "letters/plus": "más",
    "at": "a",
    "the-hour": "la",
    "the-hours": "las",
    "at-dawn": "de la madrugada",
    "in-the-morning": "de la mañana",
    "at-noon": "del mediodía",
    "in-the-afternoon": "de la tarde",
    "at-night": "de la noche",
    "second": "segundo",
    "seconds": "segundos",
    "minute": "minuto",
    "minutes": "minutos",
    "hour": "hora",
    "hours": "horas",
    "about": "aproximadamente",
    "less-than": "menos de",
    "more-than": "más de",
    "you-are-next": "Usted es el siguiente en la fila.",
    "position-is": "Usted es el número",
    "position-end": "en la fila.",
    "position-more-than": "Hay más de",
    "position-more-than-end": "llamadas en espera.",
    "wait-is": "El tiempo de espera estimado es de",
}

GRAMMAR: Final = build(
    code="es",
    voice="es",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core={
        **same(_DIGITS, _ORDINALS, "hours minutes seconds digits/star digits/pound letters/plus"),
        "minute": "queue-minute",
        "you-are-next": "queue-youarenext",
    },
)
