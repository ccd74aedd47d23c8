"""How a part declares its settings: a frozen dataclass whose fields carry help, legacy names and bounds.

A consumer declares the dataclass beside itself and receives it filled; only `lapilli.settings` reads files.

    @dataclass(frozen=True)
    class DirectorySettings:
        directory_path: str = option("$state_path/volumes", help="Where the files of the volumes lie.")
        reserved_percentage: int = option(0, low=0, high=100, help="Per cent of the pool that stays free.")
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """What a setting's field says about itself, found under `Field.metadata["option"]`.

    `legacy` are names an older Cinder used, each `name` (same section) or `SECTION/name`. `secret` values are never
    printed. `low` and `high` bound numbers, both inclusive; `choices` bound words.
    """

    help: str
    legacy: Sequence[str] = ()
    secret: bool = False
    low: float | None = None
    high: float | None = None
    choices: Sequence[str] = ()


def option(
    default: Any,
    *,
    help: str,
    legacy: Sequence[str] = (),
    secret: bool = False,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """A dataclass field that is a setting. The field's annotation is its type."""
    about = Option(help, tuple(legacy), secret, low, high, tuple(choices))
    return field(default=default, metadata={"option": about})
