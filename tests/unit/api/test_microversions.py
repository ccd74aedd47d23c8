"""The table of microversions."""

import re
from pathlib import Path

from lapilli import api
from lapilli.api import microversions
from lapilli.api.microversions import CHANGES, NEWEST


def test_every_minor_version_has_exactly_one_entry() -> None:
    """A version that is skipped, or said twice, would be a lie to whoever negotiates it."""
    assert [int(change) for change in CHANGES] == list(range(NEWEST + 1))


def test_a_version_is_named_where_it_is_meant() -> None:
    """No number of a version stands outside the table."""
    room = Path(api.__file__).parent
    bare = re.compile(r"minor *[<>=]=? *\d|since=\d|^ +[1-9]\d?: ", re.MULTILINE)
    assert not [str(file) for file in room.rglob("*.py") if file.name != "faults.py" and bare.search(file.read_text())]


def test_every_name_is_used_or_is_a_marker() -> None:
    """An entry that nothing names is either a marker, which changes nothing, or not yet built."""
    room = Path(api.__file__).parent
    text = "\n".join(file.read_text() for file in room.rglob("*.py") if file.name != "microversions.py")
    names = [name for name, value in vars(microversions).items() if isinstance(value, microversions.Change)]
    unused = {name for name in names if f".{name}" not in text}
    assert unused <= {name for name in unused if getattr(microversions, name).what.startswith("A marker")}
