"""Fill a frozen dataclass from a scope. A mistake becomes a problem, and the field keeps its default meanwhile."""

import dataclasses
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lapilli.model.options import Option
from lapilli.model.secrets import is_secret
from lapilli.settings.convert import Mistake, convert, holds_pairs, is_repeatable
from lapilli.settings.reader import Entry, Remark
from lapilli.settings.scope import Scope
from lapilli.settings.secrets import MASK, masked

T = TypeVar("T")
_SHOWN_LENGTH = 40


@dataclass(frozen=True)
class Declared:
    """One field of a dataclass that is an option. `kind` is its annotation."""

    name: str
    kind: Any
    default: Any
    about: Option

    @property
    def is_secret(self) -> bool:
        return self.about.secret or is_secret(self.name)


@dataclass(frozen=True)
class Effective:
    """One setting as it counts. `where` is `file:line`, or `default`."""

    section: str
    name: str
    value: Any
    is_secret: bool
    where: str


@dataclass(frozen=True)
class Bound(Generic[T]):
    """A filled dataclass, and what there was to say about it."""

    settings: T
    effective: Sequence[Effective]
    problems: Sequence[Remark]
    notices: Sequence[Remark]


def declared_options(cls: type) -> Iterator[Declared]:
    """The fields of a dataclass that are options, in their order."""
    kinds = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        if isinstance(about := field.metadata.get("option"), Option):
            yield Declared(field.name, kinds[field.name], field.default, about)


def bind(cls: type[T], scope: Scope) -> Bound[T]:
    """Fill `cls` with the options of the scope. Nothing that stands in a file makes it raise."""
    binder = _Binder(scope)
    values = {option.name: binder.bind(option) for option in declared_options(cls)}
    return Bound(cls(**values), binder.effective, binder.problems, binder.notices)


class _Binder:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.effective: list[Effective] = []
        self.problems: list[Remark] = []
        self.notices: list[Remark] = []

    def bind(self, option: Declared) -> Any:
        entries = self._scope.find(option.name, option.about.legacy)
        value, origin = self._default(option), "default"
        if entries:
            self._remark_on_use(option, entries)
            repeated = is_repeatable(option.kind)
            counting = entries if repeated else entries[-1:]
            if given := [value for entry in counting for value in self._given(option, entry)]:
                value, origin = sum(given[1:], given[0]) if repeated else given[0], entries[-1].where
        self.effective.append(Effective(self._scope.sections[0], option.name, value, option.is_secret, origin))
        return value

    def _default(self, option: Declared) -> Any:
        """The declared default. A text is read as if it stood in the file, so that it may refer to other options."""
        if not isinstance(option.default, str):
            return option.default
        try:
            return convert(self._scope.expand(option.default), option.kind, option.about)
        except Mistake as mistake:
            place = f"default of [{self._scope.sections[0]}] {option.name}"
            self.problems.append(Remark(place, 0, f"{option.default}: {mistake}"))
            return option.default

    def _given(self, option: Declared, entry: Entry) -> Iterator[Any]:
        """The value of one entry, or nothing after a mistake."""
        try:
            yield convert(self._scope.expand(entry.value), option.kind, option.about)
        except Mistake as mistake:
            message = f"{entry.name}{_excerpt(option, entry.value)}: {mistake}"
            self.problems.append(Remark(entry.file, entry.line + mistake.line_offset, message))

    def _remark_on_use(self, option: Declared, entries: Sequence[Entry]) -> None:
        last = entries[-1]
        for entry in entries:
            if entry.name != option.name:
                message = f"{entry.name} is an old name; write {option.name} instead"
                self.notices.append(Remark(entry.file, entry.line, message))
            elif entry is not last and entry.file == last.file and not is_repeatable(option.kind):
                message = f"{entry.name} has no effect here: line {last.line} sets it again"
                self.notices.append(Remark(entry.file, entry.line, message))


def _excerpt(option: Declared, value: str) -> str:
    if holds_pairs(option.kind):
        return ""
    text = MASK if option.is_secret else masked(" ".join(value.split()))
    return f" = {text}" if len(text) <= _SHOWN_LENGTH else f" = {text[:_SHOWN_LENGTH]}…"
