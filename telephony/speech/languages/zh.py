"""Mandarin Chinese: groups of four digits, 零 over a gap, 两 before a measure and the greater units, 幺 in telephone numbers."""

from typing import Final

from telephony.speech.grammar import build, same, series

_CARDINAL: Final = """
0-9: digits/*
10: digits/10 [ >cardinal ]
20: <cardinal digits/10 [ >cardinal ]
100: <cardinal.m digits/hundred [ >after-hundred ]
1000: <cardinal.m digits/thousand [ >after-thousand ]
10000: <cardinal.m digits/10000 [ >after-ten-thousand ]
100000000: <cardinal.m digits/100000000 [ >after-hundred-million ]
"""
_COUNTED: Final = _CARDINAL + "2: digits/2-liang"
_SETS: Final = {
    "cardinal": _CARDINAL,
    "cardinal.m": _COUNTED,
    "cardinal.f": _COUNTED,
    "cardinal.n": _COUNTED,
    # Inside a greater number ten is "one ten".
    "inside": """
        1: =cardinal
        10: digits/1 =cardinal
        20: =cardinal
        100000/10000: <inside digits/10000 [ >after-ten-thousand ]
        200000: =cardinal
    """,
    # A unit that is passed over is said as one zero, however many there are.
    "after-hundred": "1: digits/0 =cardinal \n 10: =inside",
    "after-thousand": "1: digits/0 =inside \n 100: =cardinal",
    "after-ten-thousand": "1: digits/0 =inside \n 1000: =cardinal",
    "after-hundred-million": "1: digits/0 =inside \n 10000000: =cardinal",
    "ordinal": "1: digits/h =cardinal",
    "digit": "0: digits/0 \n 1: digits/1-yao \n 2-9: digits/*",
    "seconds": "0: =cardinal.m seconds",
    "minutes": "0: =cardinal.m minutes",
    "hours": "0: =cardinal.m hours",
    "duration": "0: =seconds \n 60/60: <minutes [ > ] \n 3600/3600: <hours [ > ]",
    "about": "0: about =duration",
    "less-than": "0: less-than =duration",
    "more-than": "0: more-than =duration",
    "weekday": "0-6: digits/day-*",
    "month": "0-11: digits/mon-*",
    "day": "1: =cardinal digits/day",
    "hour": "0: digits/0 digits/oclock \n 1: =cardinal.m digits/oclock \n 13/12: >hour",
    "minute-of-hour": "1-9: digits/0 digits/* minute-of-hour \n 10: =cardinal minute-of-hour",
    "time": """
        0/60: at-night <hour [ >minute-of-hour ]
        360/60: in-the-morning <hour [ >minute-of-hour ]
        720/60: at-noon <hour [ >minute-of-hour ]
        780/60: in-the-afternoon <hour [ >minute-of-hour ]
        1080/60: in-the-evening <hour [ >minute-of-hour ]
    """,
    "year": "1900/1000: <cardinal >year.3",
    "year.3": "0/100: <cardinal >year.2",
    "year.2": "0/10: <cardinal >cardinal",
}
_PHRASES: Final = {
    "+": "letters/plus",
    "*": "digits/star",
    "#": "digits/pound",
    "next": "you-are-next",
    "position": "position-is n=ordinal position-end",
    "position-more-than": "position-more-than n=cardinal.m position-more-than-end",
    "wait-about": "wait-is n=about",
    "wait-exactly": "wait-is n=duration",
    "wait-less-than": "wait-is n=less-than",
    "wait-more-than": "wait-is n=more-than",
    "date": "month=month day=day weekday=weekday",
    "date-year": "year=year year month=month day=day weekday=weekday",
    "today": "digits/today time=time",
    "tomorrow": "digits/tomorrow time=time",
    "moment": "month=month day=day weekday=weekday time=time",
}
_WORDS: Final = {
    **series("digits/*", range(11), "零 一 二 三 四 五 六 七 八 九 十"),
    **series("digits/day-*", range(7), "星期日 星期一 星期二 星期三 星期四 星期五 星期六"),
    **series("digits/mon-*", range(12), "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月"),
    "digits/2-liang": "两",
    "digits/1-yao": "幺",
    "digits/hundred": "百",
    "digits/thousand": "千",
    "digits/10000": "万",
    "digits/100000000": "亿",
    "digits/h": "第",
    "digits/day": "日",
    "digits/oclock": "点",
    "digits/today": "今天",
    "digits/tomorrow": "明天",
    "digits/star": "星号",
    "digits/pound": "井号",
    "letters/plus": "加号",
    "minute-of-hour": "分",
    "year": "年",
    "at-night": "凌晨",
    "in-the-morning": "上午",
    "at-noon": "中午",
    "in-the-afternoon": "下午",
    "in-the-evening": "晚上",
    "seconds": "秒",
    "minutes": "分钟",
    "hours": "小时",
    "about": "大约",
    "less-than": "不到",
    "more-than": "超过",
    "you-are-next": "下一位就是您。",
    "position-is": "您排在",
    "position-end": "位。",
    "position-more-than": "正在排队的来电者超过",
    "position-more-than-end": "位。",
    "wait-is": "预计等待时间",
}

GRAMMAR: Final = build(
    code="zh",
    voice="cmn",
    sets=_SETS,
    phrases=_PHRASES,
    words=_WORDS,
    core=same(),  # Asterisk has no Chinese core sounds
)
