"""The form of a scenario: requests that build a state, then probes, each of them on exactly that state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NEWEST = "3.71"
VERSIONS = ("3.0", "3.27", "3.43", "3.60", NEWEST)
NOBODY = "0e59a5c1-6a1f-4c6e-9d0e-3f6b1f2f7a10"
"""An id that nothing has."""


@dataclass(frozen=True)
class Ask:
    """One request. `{name}` in the path and in the body is what an earlier request took under that name.

    `takes` is name → dotted path into the answer. `raw` is sent in place of `body`. `note` tells what is special.
    """

    method: str
    path: str
    body: Any = None
    role: str = "admin"
    version: str | None = NEWEST
    takes: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    note: str = ""

    @property
    def label(self) -> str:
        """What the recordings call it."""
        return " ".join(filter(None, (self.role, self.version or "-", self.method, self.path, self.note)))


@dataclass(frozen=True)
class Put:
    """A state that no request leads to: the columns of a row, as they are named on both sides."""

    table: str
    row: str
    columns: Mapping[str, Any]


Step = Ask | Put


@dataclass(frozen=True)
class Probe:
    """Steps on the state that the setup left; what they began is finished after each of them."""

    steps: Sequence[Step]


@dataclass(frozen=True)
class Scenario:
    """`probes` may refer to what `setup` took."""

    name: str
    setup: Sequence[Step]
    probes: Sequence[Probe]
