"""One item of a set."""

import pytest

from lapilli.api import items
from lapilli.model.errors import Malformed, NotFound

_SET = {"a": "1", "b": None}


def test_there() -> None:
    """An item is shown alone, and taken away alone; the set stays as it is."""
    assert items.item(_SET, "b", "Extra spec") == {"b": None}
    assert items.less(_SET, "b", "Extra spec") == {"a": "1"}
    assert _SET == {"a": "1", "b": None}


def test_not_there() -> None:
    """The error says what is missing."""
    for ask in (items.item, items.less):
        with pytest.raises(NotFound, match=r"Extra spec c"):
            ask(_SET, "c", "Extra spec")


def test_check_named() -> None:
    """The body of an item's URL is about that item."""
    items.check_named({"a": None}, "a", "Extra spec")
    with pytest.raises(Malformed, match=r"The URL names the extra spec b, and the body another\."):
        items.check_named({"a": None}, "b", "Extra spec")
