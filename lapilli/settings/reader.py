"""From the text of a configuration file to its entries. Knows the form of the file and no option's meaning.

name = value            `name: value` does as well; blanks around both are dropped, and a pair of quotes
name = a,               an indented line continues the value above it
    b
name = {                a value that begins with a brace goes on to the brace that closes it,
"size": 1               indented or not
}
name = value # why      a blank and `#` begin a comment, except inside quotes
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lapilli.model.secrets import is_secret
from lapilli.settings.secrets import shown

_SECTION = re.compile(r"\[(?P<name>[^\[\]]*)\]\s*(?:[#;].*)?")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
# A quotation, a comment or a brace. An apostrophe inside a word quotes nothing; `#` at the very start of a value is
# a comment only with a blank behind it, so that `#fff` stays a value.
_TOKEN = re.compile(
    r"""(?<!\w)"(?:\\.|[^"\\])*" | (?<!\w)'[^']*' | (?P<comment>(?<=\s)\#.*|^\#(?=\s|$).*) | (?P<brace>[{}])""",
    re.VERBOSE,
)
# What cannot be a line of a braced value: it was never closed.
_NEXT_ENTRY = re.compile(r"\[[A-Za-z_][\w. -]*\]\s*(?:[#;].*)?$|[A-Za-z_][\w.-]*\s*=")
# `name =` with blanks around the sign, or `some_name=`, within a value. `==` and `%(user)s` belong to values.
_SWALLOWED = re.compile(r"\s(?P<name>[a-z][a-z0-9]*_\w*|[a-z]\w+(?=\s+=\s))\s*=(?![=%])")


@dataclass(frozen=True, order=True)
class Remark:
    """What there is to say about a line: a problem or a notice. Line 0 means that there is no line to name."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{where(self.file, self.line)}: {self.message}"


@dataclass(frozen=True)
class Entry:
    """One option as it is written. The lines of a longer value are joined by newlines."""

    section: str
    name: str
    value: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return where(self.file, self.line)


@dataclass
class Reading:
    """All that a file says. `sections` holds empty sections too."""

    entries: list[Entry] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)
    problems: list[Remark] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)


def where(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def read(text: str, file: str) -> Reading:
    """Read a whole file. Never raises: what cannot be read becomes a problem, and reading goes on behind it."""
    return _Reader(text, file).read()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self._file = file
        self._next = 0
        self._section: str | None = None
        self._reading = Reading()

    def read(self) -> Reading:
        while self._next < len(self._lines):
            line = self._lines[self._next]
            self._next += 1
            if _is_idle(line):
                continue
            if line[0].isspace():
                self._problem("the line is indented, but continues no option; remove the blanks before it")
            elif line.startswith("["):
                self._open_section(line)
            else:
                self._read_option(line)
        return self._reading

    def _problem(self, message: str, line: int | None = None) -> None:
        self._reading.problems.append(Remark(self._file, line or self._next, message))

    def _open_section(self, line: str) -> None:
        match = _SECTION.fullmatch(line.rstrip())
        name = match["name"].strip() if match else ""
        if not name:
            self._problem("a section is written [name], on a line of its own")
            name = line.strip("[] \t").split("]")[0].strip() or "?"
        self._section = name
        self._reading.sections.add(name)

    def _read_option(self, line: str) -> None:
        number = self._next
        name, sign, text = _halves(line)
        if not sign or not _NAME.fullmatch(name):
            self._problem("the line is neither `name = value` nor [section] nor a # comment")
            return
        value = self._braced(name, text) if text.startswith("{") else self._continued(name, text)
        if self._section is None:
            self._problem(f"{name} stands before the first [section]; most options belong to [DEFAULT]", number)
        elif value is not None:
            self._keep(self._section, name, value, number)

    def _continued(self, name: str, first: str) -> str:
        """The value with the indented lines that follow it; a blank line ends it."""
        parts = [self._bare(name, first)]
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if not line.strip() or not line[0].isspace():
                break
            self._next += 1
            if not _is_idle(line):
                parts.append(self._bare(name, line.strip()))
        return "\n".join(part for part in parts if part)

    def _bare(self, name: str, text: str) -> str:
        """The text without its comment."""
        bare, comment, _ = _scan(text)
        if comment and is_secret(name):
            message = f"{name} ends before ` #`: put the value in quotes if the rest belongs to it"
            self._reading.notices.append(Remark(self._file, self._next, message))
        return bare

    def _braced(self, name: str, first: str) -> str | None:
        """The value up to the brace that closes it, its lines kept so that a mistake inside can be placed."""
        opened, depth = self._next, 0
        text, parts = first, list[str]()
        while True:
            bare, _, change = _scan(text)
            parts.append(bare)
            depth += change
            if depth <= 0:
                return "\n".join(parts)
            if self._next >= len(self._lines) or _NEXT_ENTRY.match(self._lines[self._next]):
                self._problem(f"{name}: the brace opened here is not closed by line {self._next}", opened)
                return None
            text = self._lines[self._next].strip()
            self._next += 1

    def _keep(self, section: str, name: str, value: str, line: int) -> None:
        pieces = [(name, _unquoted(value))] if value.startswith("{") else list(_split_swallowed(name, value))
        if len(pieces) > 1:
            proposal = "".join(f"\n    {piece} = {shown(piece, text)}" for piece, text in pieces)
            inside = ", ".join(f'"{piece} ="' for piece, _ in pieces[1:])
            self._problem(
                f"{inside} found inside the value of {name}; put the value in quotes if it is one, "
                f"or did you mean {len(pieces)} lines?{proposal}",
                line,
            )
        # The pieces are kept even so: what follows from them need not be reported as missing.
        self._reading.entries += [Entry(section, piece, text, self._file, line) for piece, text in pieces]


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip()[0] in "#;"


def _halves(line: str) -> tuple[str, str, str]:
    """Name, sign and value around the first `=` or `:`; the sign is empty without one."""
    match = re.search("[=:]", line)
    if match is None:
        return line.strip(), "", ""
    return line[: match.start()].strip(), match[0], line[match.end() :].strip()


def _scan(text: str) -> tuple[str, bool, int]:
    """The text without its comment, whether it had one, and how many more braces it opens than it closes."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["comment"]:
            return text[: token.start()].rstrip(), True, depth
        depth += {"{": 1, "}": -1}.get(token["brace"] or "", 0)
    return text, False, depth


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and value[0] not in value[1:-1]
    return value[1:-1] if quoted else value


def _split_swallowed(name: str, value: str) -> Iterable[tuple[str, str]]:
    """The option and those that its value has swallowed, in their order."""
    start = 0
    if value[:1] not in ('"', "'"):
        for match in _SWALLOWED.finditer(value):
            yield name, _unquoted(value[start : match.start()].strip())
            name, start = match["name"], match.end()
    yield name, _unquoted(value[start:].strip())
