"""Action URLs as data: one body schema for each version that changes an action."""

import pytest

from lapilli.api.actions import Action, Actions
from lapilli.api.formats import ANYTHING, BOOL, TEXT
from lapilli.api.request import Reply

ACTIONS = Actions(
    {
        "plain": Action(lambda _request, _id, _wish: Reply(), TEXT),
        "late": Action(lambda _request, _id, _wish: Reply(), BOOL, since=40),
        "changed": Action(lambda _request, _id, _wish: Reply(), TEXT, later={16: BOOL}),
    }
)


def test_versions() -> None:
    """There is a schema from each version on that brings or changes an action."""
    assert sorted(ACTIONS.schema()) == [0, 16, 40]


@pytest.mark.parametrize(("minor", "late", "changed"), [(0, ANYTHING, TEXT), (16, ANYTHING, BOOL), (40, BOOL, BOOL)])
def test_forms(minor: int, late: object, changed: object) -> None:
    """Before there is an action, its key takes anything: the answer is a 404, and not that the value is wrong."""
    body = ACTIONS.schema()[minor]
    assert body["properties"] == {"plain": TEXT, "late": late, "changed": changed}
    assert (body["minProperties"], body["maxProperties"], body["additionalProperties"]) == (1, 1, False)
