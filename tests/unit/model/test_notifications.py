"""Which events are told."""

from lapilli.model.notifications import EVENT_TYPES, RESET
from lapilli.model.states import TABLES


def test_what_is_told_can_happen() -> None:
    """Every kind and event has its place in a state table."""
    events = {(table.kind, event) for table in TABLES for event in (*table.moves, RESET)}
    assert EVENT_TYPES.keys() <= events


def test_what_begins_ends() -> None:
    """Each start has its end."""
    told = {name for names in EVENT_TYPES.values() for name in names}
    starts = {name.removesuffix(".start") for name in told if name.endswith(".start")}
    assert starts == {name.removesuffix(".end") for name in told if name.endswith(".end")}
