"""Messages: what users read of failures that came after the answer."""

from datetime import datetime, timedelta

import pytest

from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, Cloud


@pytest.fixture
def failed(cloud: Cloud) -> str:
    """A volume that no storage could take."""
    made = cloud.call("POST", "/volumes", {"volume": {"size": 400, "name": "big"}})
    cloud.work()
    return str(made.json["volume"]["id"])


def test_a_failure_is_told(cloud: Cloud, failed: str) -> None:
    """A volume that found no storage leaves a message with its id, the request's, and what to do."""
    ((row),) = cloud.call("GET", "/messages", version="3.3", roles="reader").json["messages"]
    assert row["event_id"] == "VOLUME_VOLUME_001_003"
    assert (row["resource_type"], row["resource_uuid"]) == ("VOLUME", failed)
    assert row["message_level"] == "ERROR"
    assert row["request_id"].startswith("req-")
    action, _, detail = row["user_message"].partition(":")
    assert action == "Choosing storage for the volume"
    assert "Try less" in detail
    kept = datetime.fromisoformat(row["guaranteed_until"]) - datetime.fromisoformat(row["created_at"])
    assert kept == timedelta(days=30)
    shown = cloud.call("GET", f"/messages/{row['id']}", version="3.3", roles="reader").json["message"]
    assert shown == row


def test_a_message_is_its_project_s(cloud: Cloud, failed: str) -> None:
    """Nobody else sees it, shows it or deletes it."""
    ((row),) = cloud.call("GET", "/messages", version="3.3").json["messages"]
    other = {"version": "3.3", "roles": "member,reader", "project": OTHER_PROJECT}
    assert cloud.call("GET", "/messages", **other).json["messages"] == []
    assert cloud.call("GET", f"/messages/{row['id']}", **other).status == 404
    assert cloud.call("DELETE", f"/messages/{row['id']}", **other).status == 404
    assert row["resource_uuid"] == failed
    assert cloud.call("GET", f"/messages/{row['id']}", version="3.3").status == 200


def test_a_message_is_deleted(cloud: Cloud, failed: str) -> None:
    """With 204 and nothing in it, by a member and not by a reader."""
    ((row),) = cloud.call("GET", f"/messages?resource_uuid={failed}", version="3.5").json["messages"]
    path = f"/messages/{row['id']}"
    assert cloud.call("DELETE", path, version="3.3", roles="reader").status == 403
    gone = cloud.call("DELETE", path, version="3.3", roles="member")
    assert (gone.status, gone.text) == (204, "")
    assert cloud.call("DELETE", path, version="3.3", roles="member").status == 404


@pytest.mark.parametrize(
    ("version", "query", "expected"),
    [
        ("3.3", "limit=1", 2),  # before 3.5 the query says nothing
        ("3.5", "limit=1", 1),
        ("3.5", "message_level=ERROR", 2),
        ("3.5", "message_level=WARNING", 0),
        ("3.5", "event_id=VOLUME_VOLUME_001_003", 2),
        ("3.5", "sort=resource_uuid:asc", 2),
        ("3.31", "resource_type=VOLUME", 2),
        ("3.31", f"request_id={PROJECT}", 0),
    ],
)
def test_lists(cloud: Cloud, failed: str, version: str, query: str, expected: int) -> None:
    """What a tenant may ask of the list, by version."""
    cloud.call("POST", "/volumes", {"volume": {"size": 401}})
    cloud.work()
    answer = cloud.call("GET", f"/messages?{query}", version=version, roles="reader")
    assert len(answer.json["messages"]) == expected, failed


@pytest.mark.parametrize(
    ("version", "query", "status"),
    [("3.2", "", 404), ("3.5", "sort=user_message", 400), ("3.5", "limit=-1", 400), ("3.31", "nothing=1", 400)],
)
def test_bad_lists(cloud: Cloud, version: str, query: str, status: int) -> None:
    """Before 3.3 there are no messages, and what cannot be understood is a 400."""
    assert cloud.call("GET", f"/messages?{query}", version=version, roles="reader").status == status


def test_a_page_of_messages_leads_to_the_next(cloud: Cloud, failed: str) -> None:
    """A full page has a link to the one behind it."""
    cloud.call("POST", "/volumes", {"volume": {"size": 401}})
    cloud.work()
    page = cloud.call("GET", "/messages?limit=1", version="3.5").json
    (link,) = page["messages_links"]
    following = cloud.call("GET", "/messages?" + link["href"].partition("?")[2], version="3.5").json
    seen = {row["resource_uuid"] for row in (*page["messages"], *following["messages"])}
    assert failed in seen
    assert len(seen) == 2


def test_names_of_filters(quiet: Cloud) -> None:
    """Letters beyond ASCII are refused in every version."""
    for version in ("3.3", "3.71"):
        assert quiet.call("GET", "/messages?%C3%A9=1", version=version).status == 400
