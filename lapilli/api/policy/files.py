"""Reads policy files: YAML (or JSON) maps from rule names to check strings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lapilli.api.policy.compile import Definition
from lapilli.api.policy.language import Tree, parse, parse_lists
from lapilli.model.errors import Malformed

Stamp = tuple[tuple[str, int, int, int], ...]
"""Path, inode, modification time in ns and size of each file: differs when a file does."""


def policy_files(path: Path | None, folders: Iterable[Path]) -> list[Path]:
    """The policy file, then the visible files of the folders by name; what does not exist is left out."""
    files = [path] if path and path.is_file() else []
    for folder in folders:
        try:
            files += sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Malformed(f"{folder}: cannot be read: {error.strerror}") from error
    return files


def stamp(files: Sequence[Path]) -> Stamp:
    """What tells that the files changed. A file that vanishes meanwhile counts as not there."""
    found = []
    for file in files:
        try:
            about = file.stat()
        except FileNotFoundError:
            continue
        found.append((str(file), about.st_ino, about.st_mtime_ns, about.st_size))
    return tuple(found)


@dataclass
class Overrides:
    """What the files say: the rules by name, later files winning; and the rules that one file has twice."""

    rules: dict[str, Definition] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def read_policy(files: Sequence[Path]) -> Overrides:
    """The rules of all files. Raises `Malformed` with every mistake, one to a line."""
    found = Overrides()
    mistakes: list[str] = []
    for file in files:
        try:
            _read(file, found, mistakes)
        except Malformed as error:
            mistakes.append(str(error))
    if mistakes:
        raise Malformed("\n".join(mistakes))
    return found


def _read(file: Path, found: Overrides, mistakes: list[str]) -> None:
    lines: dict[str, int] = {}
    for name, value, line in _entries(file):
        if name in lines:
            found.notices.append(f"{file}:{line}: `{name}` is in line {lines[name]} already, which has no effect")
        lines[name] = line
        try:
            found.rules[name] = Definition(_tree(value), f"{file}:{line}")
        except Malformed as error:
            mistakes.append(f"{file}:{line}: {name}: {error}")


def _entries(file: Path) -> list[tuple[str, object, int]]:
    """Name, value and line of each entry of a YAML map."""
    # Most deployments have no policy file, and then no YAML to import.
    import yaml  # noqa: PLC0415

    try:
        loader = yaml.SafeLoader(file.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if root is None:
            return []
        if not isinstance(root, yaml.MappingNode):
            raise Malformed(f"{file}:{root.start_mark.line + 1}: is not a map of rule names to check strings")
        return [
            (str(loader.construct_object(key)), loader.construct_object(value, deep=True), key.start_mark.line + 1)
            for key, value in root.value
        ]
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{file}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise Malformed(f"{file}{line}: is not YAML: {getattr(error, 'problem', error)}") from error


def _tree(value: object) -> Tree:
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, list):
        return parse_lists(value)
    # An empty value must not allow everybody, as it does in oslo.policy.
    raise Malformed(f'`{value}` is not a check string; write "" to allow everybody or "!" to allow nobody')
