"""What all facts have in common."""

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", omit_defaults=True, gc=False):
    """Something that is so since `at`."""

    at: int
    generation: int = 0
