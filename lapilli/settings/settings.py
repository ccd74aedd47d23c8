"""The settings of one process: a file that was read, from which each consumer's dataclass is filled.

settings = load(Path("/etc/cinder/cinder.conf"))
core = settings.bind(CoreSettings)
lvm = {name: settings.backend(name, LvmSettings) for name in settings.enabled_backends}
settings.check()    # raises with every mistake of the file and of the bindings at once
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from lapilli.model.errors import Malformed
from lapilli.settings.bind import Bound, Effective, bind, declared_options
from lapilli.settings.core import CoreSettings
from lapilli.settings.legacy import translate
from lapilli.settings.reader import Entry, Reading, Remark, read
from lapilli.settings.scope import Key, Scope

T = TypeVar("T")

_SHARED_BY_BACKENDS = "backend_defaults"
_COMMAND_LINE = "command line"


class InvalidSettings(Malformed):
    """The configuration has mistakes. The message has one line for each, beginning with `file:line`."""

    def __init__(self, problems: Sequence[Remark]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Settings:
    """What a configuration says. Binding collects problems and notices; `check` raises the problems."""

    def __init__(self, reading: Reading) -> None:
        entries, renamed = translate(reading.entries)
        self._sections = reading.sections | {entry.section for entry in entries}
        self._entries: dict[Key, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault((entry.section, entry.name), []).append(entry)
        # Dictionaries keep each remark once, however often a section is bound.
        self._problems = dict.fromkeys(reading.problems)
        self._notices = dict.fromkeys([*reading.notices, *renamed])
        self._effective: dict[Key, Effective] = {}
        self._known: set[Key] = set()
        self._defaults = _default_texts(CoreSettings)
        self.enabled_backends = self.bind(CoreSettings).enabled_backends
        self._find_missing_backends()

    def bind(self, cls: type[T], section: str = "DEFAULT") -> T:
        """Fill `cls` from one section. After a mistake the field has its default, and `check` will raise."""
        return self._bind(cls, (section,))

    def backend(self, name: str, cls: type[T]) -> T:
        """Fill `cls` for a backend: from its own section, then [backend_defaults], never from [DEFAULT]."""
        return self._bind(cls, (name, _SHARED_BY_BACKENDS))

    @property
    def problems(self) -> tuple[Remark, ...]:
        return tuple(sorted(self._problems))

    @property
    def notices(self) -> tuple[Remark, ...]:
        """What works but should be changed: old names, and values without effect."""
        return tuple(sorted(self._notices))

    def check(self) -> None:
        """Raise `InvalidSettings` if there is any problem so far."""
        if self._problems:
            raise InvalidSettings(self.problems)

    def effective(self) -> tuple[Effective, ...]:
        """Every setting that was bound so far, as it counts."""
        return tuple(self._effective.values())

    def unread(self) -> tuple[Entry, ...]:
        """The entries that no binding has asked for, in their order."""
        return tuple(entry for key, found in self._entries.items() if key not in self._known for entry in found)

    def unknown(self) -> tuple[Remark, ...]:
        """Notices about what nobody reads. Meaningful once every consumer of the process is bound."""
        return tuple(sorted(self._remarks_on_unread()))

    def _bind(self, cls: type[T], sections: Sequence[str]) -> T:
        scope = Scope(sections, self._entries, self._defaults | _default_texts(cls))
        bound: Bound[T] = bind(cls, scope)
        self._problems |= dict.fromkeys(bound.problems)
        self._notices |= dict.fromkeys(bound.notices)
        self._effective |= {(each.section, each.name): each for each in bound.effective}
        self._known |= scope.referred
        for option in declared_options(cls):
            for name in (option.name, *option.about.legacy):
                old_section, slash, old_name = name.rpartition("/")
                self._known |= {(old_section, old_name)} if slash else {(section, name) for section in sections}
        return bound.settings

    def _find_missing_backends(self) -> None:
        for name in self.enabled_backends:
            if name not in self._sections:
                asked = self._entries["DEFAULT", "enabled_backends"][-1]
                guess = _guess(f"[{name}]", _bracketed(self._sections - {"DEFAULT"}))
                message = f"enabled_backends names {name}, but there is no section [{name}]{guess}"
                self._problems[Remark(asked.file, asked.line, message)] = None

    def _remarks_on_unread(self) -> Iterator[Remark]:
        read_sections = {section for section, _ in self._known}
        skipped = set()
        for entry in self.unread():
            if entry.section in read_sections:
                guess = _guess(entry.name, [name for section, name in self._known if section == entry.section])
                yield Remark(entry.file, entry.line, f"unknown option {entry.name} in [{entry.section}]{guess}")
            elif entry.section not in skipped:
                skipped.add(entry.section)
                guess = _guess(f"[{entry.section}]", _bracketed(read_sections))
                yield Remark(entry.file, entry.line, f"nothing reads the section [{entry.section}]{guess}")


def _guess(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known: the one that was probably meant, if any."""
    close = difflib.get_close_matches(word, sorted(known), 1, 0.8)
    return f"; did you mean {close[0]}?" if close else ""


def _bracketed(sections: Iterable[str]) -> list[str]:
    return [f"[{section}]" for section in sections]


def _default_texts(cls: type) -> dict[str, str]:
    """The defaults of a dataclass that `$name` can stand for."""
    return {option.name: str(option.default) for option in declared_options(cls) if _is_scalar(option.default)}


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int, float))


def load(
    path: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    beneath: Mapping[str, str] | None = None,
) -> Settings:
    """Read a file, or none, and put `overrides` over it: `section.name` (or `name` for [DEFAULT]) to text.

    `beneath` are defaults that the file may replace. Never raises: a file that cannot be read is a problem as well,
    which `check` raises.
    """
    reading = _read_file(path) if path else Reading()
    said = {(entry.section, entry.name) for entry in reading.entries}
    for key, value in (beneath or {}).items():
        section, _, name = key.rpartition(".")
        if (section or "DEFAULT", name) not in said:
            reading.entries.append(Entry(section or "DEFAULT", name, value, "built in", 0))
    for key, value in (overrides or {}).items():
        section, _, name = key.rpartition(".")
        reading.entries.append(Entry(section or "DEFAULT", name, value, _COMMAND_LINE, 0))
    return Settings(reading)


def _read_file(path: Path) -> Reading:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        return Reading(problems=[Remark(str(path), 0, f"cannot be read: {error.strerror}")])
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Reading(problems=[Remark(str(path), line, "is not text in UTF-8")])
    return read(text, str(path))
