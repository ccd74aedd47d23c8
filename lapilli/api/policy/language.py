"""Reads check strings: `role:admin or (role:member and project_id:%(project_id)s)`. The grammar is oslo.policy's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lapilli.model.errors import Malformed


@dataclass(frozen=True)
class Constant:
    """`@` and the empty string allow everybody, `!` nobody."""

    value: bool


@dataclass(frozen=True)
class Check:
    """`kind:match`. The kinds `rule` and `role` are special; any other is an attribute of the caller or a literal."""

    kind: str
    match: str


@dataclass(frozen=True)
class Not:
    tree: "Tree"


@dataclass(frozen=True)
class Every:
    trees: tuple["Tree", ...]


@dataclass(frozen=True)
class Some:
    trees: tuple["Tree", ...]


Tree = Constant | Check | Not | Every | Some

# A parenthesis counts at either end of a word only, because `%(project_id)s` has a pair within.
_WORD = re.compile(r"(\(*)(.*?)(\)*)")


@lru_cache(maxsize=512)
def parse(text: str) -> Tree:
    """The tree of a check string. Raises `Malformed` with a sentence that lacks only the place."""
    if not text:
        return Constant(True)
    words = list(_words(text))
    reader = _Reader(words)
    tree = reader.alternatives()
    if reader.place < len(words):
        raise Malformed(f"`{words[reader.place]}` is not expected after `{' '.join(words[: reader.place])}`")
    return tree


def parse_lists(lists: Sequence[object]) -> Tree:
    """The tree of the old form: a list of alternatives, each a check or a list of checks that must all hold."""
    if not lists:
        return Constant(True)
    alternatives = [[item] if isinstance(item, str) else item for item in lists if item]
    return Some(tuple(_every(checks) for checks in alternatives))


def _every(checks: object) -> Tree:
    if not isinstance(checks, list) or not all(isinstance(check, str) for check in checks):
        raise Malformed(f"`{checks}` is neither a check nor a list of checks")
    return Every(tuple(_check(check) for check in checks))


def _words(text: str) -> Iterator[str]:
    for chunk in text.split():
        match = _WORD.fullmatch(chunk)
        assert match
        opening, word, closing = match.groups()
        yield from opening
        if word:
            yield word
        yield from closing


class _Reader:
    """Goes through the words once; `or` binds least, then `and`, then `not`."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.place = 0

    def alternatives(self) -> Tree:
        trees = [self.conjunction()]
        while self.take("or"):
            trees.append(self.conjunction())
        return trees[0] if len(trees) == 1 else Some(tuple(trees))

    def conjunction(self) -> Tree:
        trees = [self.single()]
        while self.take("and"):
            trees.append(self.single())
        return trees[0] if len(trees) == 1 else Every(tuple(trees))

    def single(self) -> Tree:
        if self.take("not"):
            return Not(self.single())
        if self.take("("):
            tree = self.alternatives()
            if not self.take(")"):
                raise Malformed("a closing parenthesis is missing")
            return tree
        if self.place == len(self.words):
            raise Malformed("the check string ends where a check is expected")
        self.place += 1
        return _check(self.words[self.place - 1])

    def take(self, word: str) -> bool:
        if self.place < len(self.words) and self.words[self.place].lower() == word:
            self.place += 1
            return True
        return False


def _check(word: str) -> Tree:
    if word in ("@", "!"):
        return Constant(word == "@")
    kind, colon, match = word.partition(":")
    if not colon or not kind:
        raise Malformed(f"`{word}` is not a check: write `role:NAME`, `rule:NAME` or `ATTRIBUTE:VALUE`")
    return Check(kind, match)
