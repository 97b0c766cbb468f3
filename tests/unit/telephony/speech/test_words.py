"""What is heard, against lists that were written by hand."""

import datetime as dt
from pathlib import Path

import pytest

from telephony.speech.registry import GRAMMARS
from telephony.speech.rounding import Rounding, Step
from telephony.speech.sayings import (
    Case,
    Gender,
    Said,
    say_date,
    say_digits,
    say_duration,
    say_moment,
    say_number,
    say_ordinal,
    say_position,
    say_time,
    say_wait,
)

pytestmark = pytest.mark.unit

LISTS = Path(__file__).parent / "words"
WRITTEN_TOGETHER = {"de", "zh"}
TODAY = dt.date(2026, 11, 23)


def heard(said: Said) -> str:
    return " ".join(said.choice.grammar.words[prompt] for prompt in said)


def joined(said: Said) -> str:
    """Without what only writing tells apart: hyphens, and spaces in languages that write numbers together."""
    text = heard(said).replace("-", " ").replace("d' ", "d'")
    return text.replace(" ", "") if said.choice.code in WRITTEN_TOGETHER else text


@pytest.mark.parametrize("code", sorted(GRAMMARS))
def test_zero_to_a_hundred_are_said_as_the_list_says(code: str) -> None:
    words = (LISTS / f"{code}.txt").read_text("utf-8").split()
    assert len(words) == 101
    assert [joined(say_number(number, code)) for number in range(101)] == [
        word.replace("-", " ") for word in words
    ]


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        ("en", 101, "one hundred one"),
        ("en", 1_000, "one thousand"),
        ("en", 1_234_567, "one million two hundred thirty four thousand five hundred sixty seven"),
        ("fr", 101, "cent un"),
        ("fr", 200, "deux cents"),
        ("fr", 280, "deux cent quatre vingts"),
        ("fr", 1_000, "mille"),
        ("fr", 1_100, "mille cent"),
        ("fr", 80_000, "quatre vingt mille"),
        ("fr", 200_000, "deux cent mille"),
        ("fr", 380_200, "trois cent quatre vingt mille deux cents"),
        ("fr", 80_000_000, "quatre vingts millions"),
        ("fr", 1_000_001, "un million un"),
        ("fr", 71_071, "soixante et onze mille soixante et onze"),
        ("es", 101, "ciento uno"),
        ("es", 555, "quinientos cincuenta y cinco"),
        ("es", 1_000, "mil"),
        ("es", 21_000, "veintiún mil"),
        ("es", 31_031, "treinta y un mil treinta y uno"),
        ("es", 100_000, "cien mil"),
        ("es", 1_000_000, "un millón"),
        ("es", 121_000_900, "ciento veintiún millones novecientos"),
        ("de", 101, "einhunderteins"),
        ("de", 1_001, "eintausendeins"),
        ("de", 21_121, "einundzwanzigtausendeinhunderteinundzwanzig"),
        ("de", 101_000, "einhunderteintausend"),
        ("de", 1_000_000, "eineMillion"),
        ("de", 2_000_016, "zweiMillionensechzehn"),
        ("ru", 200, "двести"),
        ("ru", 1_001, "одна тысяча один"),
        ("ru", 2_002, "две тысячи два"),
        ("ru", 5_000, "пять тысяч"),
        ("ru", 11_000, "одиннадцать тысяч"),
        ("ru", 21_921, "двадцать одна тысяча девятьсот двадцать один"),
        ("ru", 112_000, "сто двенадцать тысяч"),
        ("ru", 1_000_000, "один миллион"),
        ("ru", 32_000_000, "тридцать два миллиона"),
        ("ru", 513_000_000, "пятьсот тринадцать миллионов"),
        ("zh", 101, "一百零一"),
        ("zh", 110, "一百一十"),
        ("zh", 111, "一百一十一"),
        ("zh", 200, "两百"),
        ("zh", 222, "两百二十二"),
        ("zh", 1_001, "一千零一"),
        ("zh", 1_010, "一千零一十"),
        ("zh", 1_100, "一千一百"),
        ("zh", 2_000, "两千"),
        ("zh", 10_001, "一万零一"),
        ("zh", 10_100, "一万零一百"),
        ("zh", 11_000, "一万一千"),
        ("zh", 20_002, "两万零二"),
        ("zh", 22_000, "两万两千"),
        ("zh", 120_000, "十二万"),
        ("zh", 1_010_000, "一百零一万"),
        ("zh", 100_000_000, "一亿"),
        ("zh", 100_000_001, "一亿零一"),
        ("zh", 100_100_000, "一亿零一十万"),
        ("zh", 200_000_000, "两亿"),
    ],
)
def test_chosen_numbers_are_said_right(code: str, number: int, words: str) -> None:
    assert joined(say_number(number, code)) == words


@pytest.mark.parametrize(
    ("code", "number", "gender", "case", "words"),
    [
        ("en", 1, Gender.FEMININE, Case.GENITIVE, "one"),
        ("fr", 1, Gender.FEMININE, Case.NOMINATIVE, "une"),
        ("fr", 21, Gender.FEMININE, Case.NOMINATIVE, "vingt et une"),
        ("fr", 81, Gender.FEMININE, Case.NOMINATIVE, "quatre vingt une"),
        ("fr", 1_001, Gender.FEMININE, Case.NOMINATIVE, "mille une"),
        ("fr", 21_021, Gender.FEMININE, Case.NOMINATIVE, "vingt et un mille vingt et une"),
        ("es", 1, Gender.MASCULINE, Case.NOMINATIVE, "un"),
        ("es", 21, Gender.MASCULINE, Case.NOMINATIVE, "veintiún"),
        ("es", 31, Gender.MASCULINE, Case.NOMINATIVE, "treinta y un"),
        ("es", 21, Gender.FEMININE, Case.NOMINATIVE, "veintiuna"),
        ("es", 221, Gender.FEMININE, Case.NOMINATIVE, "doscientas veintiuna"),
        ("es", 200_500, Gender.FEMININE, Case.NOMINATIVE, "doscientas mil quinientas"),
        ("es", 200_000_001, Gender.FEMININE, Case.NOMINATIVE, "doscientos millones una"),
        ("de", 1, Gender.MASCULINE, Case.NOMINATIVE, "ein"),
        ("de", 1, Gender.FEMININE, Case.NOMINATIVE, "eine"),
        ("de", 21, Gender.FEMININE, Case.NOMINATIVE, "einundzwanzig"),
        ("ru", 1, Gender.FEMININE, Case.NOMINATIVE, "одна"),
        ("ru", 1, Gender.NEUTER, Case.NOMINATIVE, "одно"),
        ("ru", 22, Gender.FEMININE, Case.NOMINATIVE, "двадцать две"),
        ("ru", 22, Gender.NEUTER, Case.NOMINATIVE, "двадцать два"),
        ("ru", 1, Gender.FEMININE, Case.ACCUSATIVE, "одну"),
        ("ru", 1_000, Gender.MASCULINE, Case.ACCUSATIVE, "одну тысячу"),
        ("ru", 1, Gender.MASCULINE, Case.GENITIVE, "одного"),
        ("ru", 1, Gender.FEMININE, Case.GENITIVE, "одной"),
        ("ru", 42, Gender.FEMININE, Case.GENITIVE, "сорока двух"),
        ("ru", 1_234, Gender.NEUTER, Case.GENITIVE, "одной тысячи двухсот тридцати четырёх"),
        ("ru", 2_000_190, Gender.ALONE, Case.GENITIVE, "двух миллионов ста девяноста"),
        ("zh", 2, Gender.NEUTER, Case.NOMINATIVE, "两"),
        ("zh", 12, Gender.NEUTER, Case.NOMINATIVE, "十二"),
        ("zh", 22, Gender.NEUTER, Case.NOMINATIVE, "二十二"),
    ],
)
def test_numbers_agree_with_what_they_count(
    code: str, number: int, gender: Gender, case: Case, words: str
) -> None:
    assert joined(say_number(number, code, gender=gender, case=case)) == words


@pytest.mark.parametrize(
    ("code", "number", "gender", "words"),
    [
        ("en", 1, Gender.ALONE, "first"),
        ("en", 12, Gender.ALONE, "twelfth"),
        ("en", 20, Gender.ALONE, "twentieth"),
        ("en", 43, Gender.ALONE, "forty third"),
        ("en", 100, Gender.ALONE, "one hundredth"),
        ("en", 212, Gender.ALONE, "two hundred twelfth"),
        ("fr", 1, Gender.MASCULINE, "premier"),
        ("fr", 1, Gender.FEMININE, "première"),
        ("fr", 9, Gender.FEMININE, "neuvième"),
        ("fr", 21, Gender.FEMININE, "vingt et unième"),
        ("fr", 71, Gender.MASCULINE, "soixante et onzième"),
        ("fr", 70, Gender.MASCULINE, "soixante dixième"),
        ("fr", 80, Gender.MASCULINE, "quatre vingtième"),
        ("fr", 81, Gender.MASCULINE, "quatre vingt unième"),
        ("fr", 101, Gender.MASCULINE, "cent unième"),
        ("fr", 200, Gender.MASCULINE, "deux centième"),
        ("es", 1, Gender.FEMININE, "primera"),
        ("es", 13, Gender.MASCULINE, "decimotercero"),
        ("es", 22, Gender.FEMININE, "vigésima segunda"),
        ("es", 543, Gender.MASCULINE, "quingentésimo cuadragésimo tercero"),
        ("de", 3, Gender.ALONE, "dritte"),
        ("de", 7, Gender.ALONE, "siebte"),
        ("de", 19, Gender.ALONE, "neunzehnte"),
        ("de", 21, Gender.ALONE, "einundzwanzigste"),
        ("de", 101, Gender.ALONE, "einhunderterste"),
        ("de", 300, Gender.ALONE, "dreihundertste"),
        ("ru", 3, Gender.MASCULINE, "третий"),
        ("ru", 3, Gender.FEMININE, "третья"),
        ("ru", 23, Gender.NEUTER, "двадцать третье"),
        ("ru", 40, Gender.FEMININE, "сороковая"),
        ("ru", 100, Gender.MASCULINE, "сотый"),
        ("ru", 242, Gender.FEMININE, "двести сорок вторая"),
        ("zh", 2, Gender.ALONE, "第二"),
        ("zh", 110, Gender.ALONE, "第一百一十"),
    ],
)
def test_places_are_said_right(code: str, number: int, gender: Gender, words: str) -> None:
    assert joined(say_ordinal(number, code, gender=gender)) == words


@pytest.mark.parametrize(
    ("code", "seconds", "words"),
    [
        ("en", 60, "one minute"),
        ("en", 1, "one second"),
        ("en", 4_980, "one hour twenty three minutes"),
        ("fr", 60, "une minute"),
        ("fr", 1_260, "vingt et une minutes"),
        ("es", 60, "un minuto"),
        ("es", 1_260, "veintiún minutos"),
        ("es", 75_660, "veintiuna horas y un minuto"),
        ("es", 3_661, "una hora un minuto y un segundo"),
        ("es", 3_601, "una hora y un segundo"),
        ("de", 60, "eineMinute"),
        ("de", 7_260, "zweiStundeneineMinute"),
        ("ru", 60, "одна минута"),
        ("ru", 120, "две минуты"),
        ("ru", 300, "пять минут"),
        ("ru", 660, "одиннадцать минут"),
        ("ru", 1_260, "двадцать одна минута"),
        ("ru", 1_320, "двадцать две минуты"),
        ("ru", 3_600, "один час"),
        ("ru", 7_202, "два часа две секунды"),
        ("ru", 18_000, "пять часов"),
        ("zh", 120, "两分钟"),
        ("zh", 7_920, "两小时十二分钟"),
    ],
)
def test_spans_are_said_right(code: str, seconds: int, words: str) -> None:
    rule = Rounding(steps=(Step(86_400, 1),), about=False, least=0)
    assert joined(say_duration(seconds, code, rounding=rule)) == words


@pytest.mark.parametrize(
    ("code", "about", "less"),
    [
        ("en", "about three minutes", "less than one minute"),
        ("fr", "environ trois minutes", "moins d'une minute"),
        ("es", "aproximadamente tres minutos", "menos de un minuto"),
        ("de", "ungefährdreiMinuten", "wenigeralseineMinute"),
        ("ru", "около трёх минут", "менее одной минуты"),
        ("zh", "大约三分钟", "不到一分钟"),
    ],
)
def test_a_span_is_told_as_about_or_less_than(code: str, about: str, less: str) -> None:
    assert (joined(say_duration(165, code)), joined(say_duration(20, code))) == (about, less)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "The estimated wait is more than one hour"),
        ("fr", "Temps d'attente estimé : plus d'une heure"),
        ("es", "El tiempo de espera estimado es de más de una hora"),
        ("de", "DievoraussichtlicheWartezeitbeträgtmehralseineStunde"),
        ("ru", "Прогнозируемое время ожидания составляет более одного часа"),
        ("zh", "预计等待时间超过一小时"),
    ],
)
def test_a_long_wait_is_told_by_its_limit(code: str, words: str) -> None:
    assert joined(say_wait(7_000, code, rounding=Rounding(most=3_600))) == words


def test_an_exact_wait_stands_in_the_accusative_in_russian() -> None:
    said = say_wait(60, "ru", rounding=Rounding(about=False))
    assert heard(said) == "Прогнозируемое время ожидания составляет одну минуту"


@pytest.mark.parametrize(
    ("code", "seventh", "beyond_ten"),
    [
        ("en", "You are caller number seven in line.", "There are more than ten callers in line."),
        (
            "fr",
            "Vous êtes en septième position dans la file d'attente.",
            "La file d'attente compte plus de dix appels.",
        ),
        ("es", "Usted es el número siete en la fila.", "Hay más de diez llamadas en espera."),
        (
            "de",
            "Sie sind Nummer sieben in der Warteschlange.",
            "In der Warteschlange sind mehr als zehn Anrufer.",
        ),
        ("ru", "Ваша позиция в очереди седьмая", "В очереди более десяти звонков."),  # noqa: RUF001 - Russian
        ("zh", "您排在 第 七 位。", "正在排队的来电者超过 十 位。"),
    ],
)
def test_the_place_in_line_is_a_sentence(code: str, seventh: str, beyond_ten: str) -> None:
    assert heard(say_position(7, code, limit=10)) == seventh
    assert heard(say_position(11, code, limit=10)) == beyond_ten
    assert say_position(1, code) == ("you-are-next",)


@pytest.mark.parametrize(
    ("code", "time", "words"),
    [
        ("en", (0, 0), "twelve A M"),
        ("en", (9, 5), "nine oh five A M"),
        ("en", (12, 30), "twelve thirty P M"),
        ("en", (15, 0), "three P M"),
        ("fr", (0, 10), "minuit dix"),
        ("fr", (1, 1), "une heure une"),
        ("fr", (12, 0), "midi"),
        ("fr", (21, 21), "vingt et une heures vingt et une"),
        ("es", (0, 0), "las doce de la noche"),
        ("es", (1, 15), "la una y quince de la madrugada"),
        ("es", (12, 30), "las doce y treinta del mediodía"),
        ("es", (15, 0), "las tres de la tarde"),
        ("de", (1, 0), "einUhr"),
        ("de", (15, 30), "fünfzehnUhrdreißig"),
        ("ru", (0, 0), "ноль часов"),
        ("ru", (21, 2), "двадцать один час две минуты"),
        ("ru", (3, 45), "три часа сорок пять минут"),
        ("zh", (2, 2), "凌晨两点零二分"),
        ("zh", (12, 30), "中午十二点三十分"),
        ("zh", (14, 0), "下午两点"),
    ],
)
def test_times_of_day_are_said_as_people_say_them(code: str, time: tuple[int, int], words: str) -> None:
    assert joined(say_time(dt.time(*time), code)) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "Sunday November first twenty twenty six"),
        ("fr", "dimanche premier novembre deux mille vingt six"),
        ("es", "domingo primero de noviembre de dos mil veintiséis"),
        ("de", "SonntagersterNovemberzweitausendsechsundzwanzig"),
        ("ru", "воскресенье первого ноября две тысячи двадцать шестого года"),
        ("zh", "二零二六年十一月一日星期日"),
    ],
)
def test_dates_are_said_with_their_year(code: str, words: str) -> None:
    assert joined(say_date(dt.date(2026, 11, 1), code, year=True)) == words


@pytest.mark.parametrize(
    ("code", "year", "words"),
    [
        ("en", 1905, "nineteen oh five"),
        ("en", 1900, "nineteen hundred"),
        ("en", 2003, "two thousand three"),
        ("de", 1999, "neunzehnhundertneunundneunzig"),
        ("ru", 2000, "двухтысячного года"),
        ("ru", 1999, "тысяча девятьсот девяносто девятого года"),
        ("zh", 2000, "二零零零年"),
    ],
)
def test_years_are_said_as_years(code: str, year: int, words: str) -> None:
    assert words in joined(say_date(dt.date(year, 5, 4), code, year=True))


@pytest.mark.parametrize(
    ("code", "today", "tomorrow", "later"),
    [
        ("en", "today at three P M", "tomorrow at three P M", "Wednesday November twenty fifth at three P M"),
        (
            "fr",
            "aujourd'hui à quinze heures",
            "demain à quinze heures",
            "mercredi vingt cinq novembre à quinze heures",
        ),
        (
            "es",
            "hoy a las tres de la tarde",
            "mañana a las tres de la tarde",
            "miércoles veinticinco de noviembre a las tres de la tarde",
        ),
        (
            "de",
            "heuteumfünfzehnUhr",
            "morgenumfünfzehnUhr",
            "MittwochfünfundzwanzigsterNovemberumfünfzehnUhr",
        ),
        (
            "ru",
            "сегодня в пятнадцать часов",
            "завтра в пятнадцать часов",
            "среда двадцать пятого ноября в пятнадцать часов",
        ),
        ("zh", "今天下午三点", "明天下午三点", "十一月二十五日星期三下午三点"),
    ],
)
def test_a_near_day_is_told_by_its_name(code: str, today: str, tomorrow: str, later: str) -> None:
    said = [
        joined(say_moment(dt.datetime(2026, 11, day, 15), code, today=TODAY))  # noqa: DTZ001 - the caller's local time
        for day in (23, 24, 25)
    ]
    assert said == [today, tomorrow, later]


def test_a_telephone_number_is_read_back_key_by_key() -> None:
    assert heard(say_digits("+4910", "de")) == "plus vier neun eins null"
    assert heard(say_digits("110", "zh")) == "幺 幺 零"
    assert heard(say_digits("*#", "en")) == "star pound"
