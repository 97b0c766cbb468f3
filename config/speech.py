"""How numbers, places and times are said. Every description here is what the reference manual prints."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from config.working import Sound

Key = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9._/-]{0,63}\Z",
        extra={
            "expects": "a prompt's key, such as digits/7 (python -m telephony.speech.make_prompts --list en)"
        },
    ),
]


class Speech(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[speech]` of acd.toml: which sounds there are, and the language where a caller's channel has none we speak."""

    sounds: Annotated[
        str,
        Meta(
            pattern=r"^(/[^\x00]{0,255})?\Z",
            description="Asterisk's folder of sounds, so that missing ones are passed over in time. Empty: it is not looked at.",
            extra={"expects": "an absolute path, such as /usr/share/asterisk/sounds"},
        ),
    ] = ""
    language: Annotated[
        str,
        Meta(
            pattern=r"^(en|fr|es|de|ru|zh)\Z",
            description="Spoken where the channel's language is none of en, fr, es, de, ru, zh.",
            extra={"expects": "en, fr, es, de, ru or zh"},
        ),
    ] = "en"
    prompts: Annotated[
        Mapping[Key, Sound], Meta(description="The site's own sounds by prompt, below the language's folder.")
    ] = {}
