"""One item of a set of names and values, such as metadata or specs. `kind` is what an item is called: "Extra spec"."""

from collections.abc import Mapping
from typing import TypeVar

from lapilli.model.errors import Malformed, NotFound

Value = TypeVar("Value", str, str | None)


def item(found: Mapping[str, Value], key: str, kind: str) -> dict[str, Value]:
    """The item alone. `NotFound` if the set has it not."""
    if key not in found:
        raise NotFound(kind, key)
    return {key: found[key]}


def check_named(sent: Mapping[str, str | None], key: str, kind: str) -> None:
    """`Malformed` if the body that was sent to the item's URL is about another."""
    if key not in sent:
        raise Malformed(f"The URL names the {kind.lower()} {key}, and the body another.")


def less(found: Mapping[str, Value], key: str, kind: str) -> dict[str, Value]:
    """The set without the item. `NotFound` if it is not there."""
    item(found, key, kind)
    return {name: value for name, value in found.items() if name != key}
