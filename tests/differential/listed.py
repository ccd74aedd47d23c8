"""What a difference that is meant looks like."""

from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from tests.differential.compare import Difference

PLUG_INS: Final = "the plug-ins of the recordings"
"""No row of docs/compatibility.md: a difference that only comes from what stands for storage on either side."""


class Listed(NamedTuple):
    """Patterns, with `*` for anything: where, between which values, in which scenarios and requests."""

    row: str
    where: str
    theirs: str
    ours: str
    scenario: str = "*"
    request: str = "*"

    def covers(self, difference: Difference) -> bool:
        """Whether the difference is this one."""
        pairs = (
            (difference.where, self.where),
            (difference.theirs, self.theirs),
            (difference.ours, self.ours),
            (difference.scenario, self.scenario),
            (difference.label, self.request),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)
