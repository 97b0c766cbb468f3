"""Alternatives of literals, the stuff requirements are made of, and the one normal form they are kept in.

A term holds when all its literals do; a list of terms when one of them does. The normal form is made in two steps that
depend on nothing but the meaning: all terms that can't be widened (prime implicants, by consensus), then without those
that the others make superfluous. So lists that mean the same become equal, however they were written.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

LEVELS: Final = range(1, 11)
MISSING: Final = 1
"""Bit 0 of a mask: the agent has no such skill. Bit n: the agent has level n."""
ANYTHING: Final = (1 << 11) - 1
HAS: Final = ANYTHING & ~MISSING
MOST_TERMS: Final = 64
MOST_LITERALS: Final = 1_000
MOST_TRIES: Final = 8_000
"""Comparisons of two terms on the way to the normal form: some hundredths of a second at the very most."""
MOST_CUTS: Final = 2_000
"""Cuts of one term by another, to see which are superfluous."""


class TooComplexError(ValueError):
    """The need has more alternatives than anybody could mean."""


class Words(msgspec.Struct, frozen=True, order=True):
    """Values of an attribute: those named, or (`others`) all but those. "" stands for an agent without it."""

    named: tuple[str, ...]
    others: bool = False

    def allows(self, value: str) -> bool:
        """Whether an agent with that value will do."""
        return (value in self.named) is not self.others

    def both(self, other: "Words") -> "Words":
        """What either would accept and the other too."""
        one, two = set(self.named), set(other.named)
        if self.others and other.others:
            return Words(tuple(sorted(one | two)), others=True)
        if self.others or other.others:
            kept = two - one if self.others else one - two
            return Words(tuple(sorted(kept)))
        return Words(tuple(sorted(one & two)))

    def opposite(self) -> "Words":
        """All other values."""
        return Words(self.named, others=not self.others)


ANY_WORD: Final = Words((), others=True)
Allowed = int | Words
"""A mask of levels, or words."""
Literal = tuple[str, Allowed]
"""A skill with a mask of levels, or an attribute with its words."""
Term = tuple[Literal, ...]
"""Literals that must all hold, sorted by name, one a name."""


# ---------------------------------------------------------------- one name


def complement(allowed: Allowed) -> Allowed:
    """Everything else."""
    return ANYTHING & ~allowed if isinstance(allowed, int) else allowed.opposite()


def common(name: str, one: Allowed, other: Allowed) -> Allowed:
    """What both allow. Raises TooComplexError when they are not of a kind."""
    if isinstance(one, int) and isinstance(other, int):
        return one & other
    if isinstance(one, Words) and isinstance(other, Words):
        return one.both(other)
    raise TooComplexError(f"{name} is used as a skill and as an attribute")


def _empty(allowed: Allowed) -> bool:
    return allowed == 0 if isinstance(allowed, int) else not allowed.named and not allowed.others


def _full(allowed: Allowed) -> bool:
    return allowed in (ANYTHING, ANY_WORD)


# ---------------------------------------------------------------- terms


def joined(one: Term, other: Term) -> Term | None:
    """Both terms in one, or None when they contradict each other."""
    found: dict[str, Allowed] = dict(one)
    for name, allowed in other:
        known = found.get(name)
        found[name] = allowed if known is None else common(name, known, allowed)
        if _empty(found[name]):
            return None
    return tuple(sorted(found.items(), key=_name))


def implies(term: Term, wider: Term) -> bool:
    """Whether who satisfies `term` satisfies `wider`."""
    if len(wider) > len(term):
        return False
    found = dict(term)
    for name, allowed in wider:
        ours = found.get(name)
        if ours is None or (ours != allowed and common(name, ours, allowed) != ours):
            return False
    return True


def normal(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The normal form of these alternatives. Raises TooComplexError."""
    listed = list(dict.fromkeys(terms))
    _one_kind_each(listed)
    found, apart = _primes(listed)
    if not apart:
        found = _needed(found)
    if len(found) > MOST_TERMS or sum(map(len, found)) > MOST_LITERALS:
        raise TooComplexError
    return tuple(sorted(found, key=_order))


def _one_kind_each(terms: Iterable[Term]) -> None:
    kinds: dict[str, type] = {}
    for term in terms:
        for name, allowed in term:
            if kinds.setdefault(name, type(allowed)) is not type(allowed):
                raise TooComplexError(f"{name} is used as a skill and as an attribute")


def _primes(terms: list[Term]) -> tuple[list[Term], bool]:
    """Every term that holds only when `terms` do and can't be widened; whether no two of them had to be combined."""
    kept: list[Term] = []
    waiting = sorted(terms, key=len, reverse=True)
    apart, tries = True, 0
    while waiting:
        term = waiting.pop()
        if any(implies(term, wider) for wider in kept):
            continue
        kept = [other for other in kept if not implies(other, term)]
        tries += len(kept) * 2
        if tries > MOST_TRIES or len(kept) > MOST_TERMS * 2:
            raise TooComplexError
        for other in kept:
            found = _consensus(term, other)
            apart = apart and not found
            waiting += found
        kept.append(term)
    return kept, apart


def _consensus(one: Term, other: Term) -> list[Term]:
    """What follows from two terms together and from neither alone: for each name, either's values, all else in common."""
    mine, theirs = dict(one), dict(other)
    shared = [name for name in mine if name in theirs]
    clashing = [name for name in shared if _empty(common(name, mine[name], theirs[name]))]
    if not shared or len(clashing) > 1:
        return []
    found = (_over(name, mine, theirs) for name in clashing or shared)
    return [term for term in found if term is not None]


def _over(name: str, mine: dict[str, Allowed], theirs: dict[str, Allowed]) -> Term | None:
    either = complement(common(name, complement(mine[name]), complement(theirs[name])))
    if either in (mine[name], theirs[name]):
        return None
    term = {other: allowed for other, allowed in (*mine.items(), *theirs.items()) if other != name}
    for other in mine.keys() & theirs.keys() - {name}:
        term[other] = common(other, mine[other], theirs[other])
    if not _full(either):
        term[name] = either
    return tuple(sorted(term.items(), key=_name))


def _needed(primes: list[Term]) -> list[Term]:
    """Without those that the rest makes superfluous, the longest looked at first."""
    kept = sorted(primes, key=lambda term: (-len(term), _order(term)))
    budget = [MOST_CUTS]
    for term in tuple(kept):
        rest = [other for other in kept if other is not term]
        if _covered(term, rest, budget):
            kept = rest
    return kept


def _covered(term: Term, others: Sequence[Term], budget: list[int]) -> bool:
    """Whether some of the others holds whenever the term does."""
    for at, other in enumerate(others):
        budget[0] -= 1
        if budget[0] < 0:
            raise TooComplexError
        if joined(term, other) is not None:
            return all(_covered(piece, others[at + 1 :], budget) for piece in _without(term, other))
    return False


def _without(term: Term, other: Term) -> list[Term]:
    """The term where `other` does not hold, in pieces."""
    rest, pieces = term, []
    for name, allowed in other:
        piece = joined(rest, ((name, complement(allowed)),))
        if piece is not None:
            pieces.append(piece)
        inside = joined(rest, ((name, allowed),))
        if inside is None:
            break
        rest = inside
    return pieces


def _name(literal: Literal) -> str:
    return literal[0]


def _order(term: Term) -> list[tuple[str, str]]:
    return [(name, str(allowed)) for name, allowed in term]
