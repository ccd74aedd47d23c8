"""What the tests of groups ask of the service."""

from typing import Any

from tests.http.client import PROJECT, Answer
from tests.http.lab import Cloud

VERSION = "3.71"


def ask(cloud: Cloud, method: str, path: str, body: Any = None, **how: Any) -> Answer:
    """A request at the newest version, unless another is given."""
    return cloud.call(method, path, body, **{"version": VERSION, **how})


def group_type(cloud: Cloud, name: str = "plain", **specs: str) -> str:
    """A new group type; its id."""
    wish = {"group_type": {"name": name, "group_specs": specs}}
    answer = ask(cloud, "POST", "/group_types", wish)
    assert answer.status == 202, answer.text
    return str(answer.json["group_type"]["id"])


def make_group(cloud: Cloud, *, project: str = PROJECT, **wish: Any) -> str:
    """A new group that is placed, of the type `plain`; its id."""
    if "plain" not in {kind["name"] for kind in ask(cloud, "GET", "/group_types").json["group_types"]}:
        group_type(cloud)
    wanted = {"group_type": "plain", "volume_types": ["__DEFAULT__"], **wish}
    answer = ask(cloud, "POST", "/groups", {"group": wanted}, project=project)
    assert answer.status == 202, answer.text
    cloud.work()
    return str(answer.json["group"]["id"])


def make_member(cloud: Cloud, group_id: str, *, project: str = PROJECT, **wish: Any) -> str:
    """A new volume in the group; its id."""
    wanted = {"size": 1, "volume_type": "__DEFAULT__", "group_id": group_id, **wish}
    answer = ask(cloud, "POST", "/volumes", {"volume": wanted}, project=project)
    assert answer.status == 202, answer.text
    cloud.work()
    return str(answer.json["volume"]["id"])


def make_group_snapshot(cloud: Cloud, group_id: str, *, project: str = PROJECT, **wish: Any) -> str:
    """A new group snapshot; its id."""
    wanted = {"group_snapshot": {"group_id": group_id, **wish}}
    answer = ask(cloud, "POST", "/group_snapshots", wanted, project=project)
    assert answer.status == 202, answer.text
    cloud.work()
    return str(answer.json["group_snapshot"]["id"])


def act(cloud: Cloud, group_id: str, name: str, wish: Any, **how: Any) -> Answer:
    """An action of a group."""
    return ask(cloud, "POST", f"/groups/{group_id}/action", {name: wish}, **how)
