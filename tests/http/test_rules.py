"""Each policy rule guards the requests that it names: where it lets nobody, they are a 403 even for administrators."""

import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lapilli.api.policy import Policy
from lapilli.api.policy.rules import RULES
from tests.http.client import PROJECT
from tests.http.lab import Cloud

ID = str(uuid.uuid4())
CONNECTOR = {"initiator": "iqn.2026-11.org.example:host"}
BODIES: dict[str, Any] = {
    "POST /volumes": {"volume": {"size": 1}},
    "PUT /volumes/{volume_id}": {"volume": {"name": "new"}},
    "POST /volumes/{volume_id}/metadata": {"metadata": {"a": "b"}},
    "PUT /volumes/{volume_id}/metadata": {"metadata": {"a": "b"}},
    "PUT /volumes/{volume_id}/metadata/{key}": {"meta": {"k": "b"}},
    "POST /snapshots": {"snapshot": {"volume_id": "{volume_id}"}},
    "PUT /snapshots/{snapshot_id}": {"snapshot": {"name": "new"}},
    "POST /snapshots/{snapshot_id}/metadata": {"metadata": {"a": "b"}},
    "PUT /snapshots/{snapshot_id}/metadata/{key}": {"meta": {"k": "b"}},
    "POST /attachments": {"attachment": {"volume_uuid": "{volume_id}"}},
    "PUT /attachments/{attachment_id}": {"attachment": {"connector": CONNECTOR}},
    "POST /types": {"volume_type": {"name": "new"}},
    "PUT /types/{type_id}": {"volume_type": {"name": "new"}},
    "POST /types/{type_id}/extra_specs": {"extra_specs": {"a": "b"}},
    "PUT /types/{type_id}/extra_specs/{key}": {"k": "b"},
    "POST /types/{type_id}/encryption": {"encryption": {"provider": "luks", "control_location": "front-end"}},
    "PUT /types/{type_id}/encryption/{encryption_id}": {"encryption": {"key_size": 256}},
    "POST /qos-specs": {"qos_specs": {"name": "new"}},
    "PUT /qos-specs/{qos_id}": {"qos_specs": {"a": "b"}},
    "PUT /qos-specs/{qos_id}/delete_keys": {"keys": ["a"]},
    "POST /group_types": {"group_type": {"name": "new"}},
    "PUT /group_types/{group_type_id}": {"group_type": {"name": "new"}},
    "POST /group_types/{group_type_id}/group_specs": {"group_specs": {"a": "b"}},
    "PUT /group_types/{group_type_id}/group_specs/{key}": {"k": "b"},
    "POST /groups": {"group": {"group_type": "{group_type_id}", "volume_types": ["{type_id}"]}},
    "POST /groups/action (create-from-src)": {"create-from-src": {"source_group_id": "{group_id}"}},
    "PUT /groups/{group_id}": {"group": {"name": "new"}},
    "POST /group_snapshots": {"group_snapshot": {"group_id": "{group_id}"}},
    "POST /backups": {"backup": {"volume_id": "{volume_id}"}},
    "PUT /backups/{backup_id}": {"backup": {"name": "new"}},
    "POST /backups/{backup_id}/restore": {"restore": {}},
    "POST /backups/import_record": {"backup-record": {"backup_service": "posix", "backup_url": "e30="}},
    "PUT /os-quota-sets/{project_id}": {"quota_set": {"volumes": 1}},
    "PUT /os-quota-class-sets/{class_name}": {"quota_class_set": {"volumes": 1}},
    "PUT /default-types/{project_id}": {"default_type": {"volume_type": "{type_id}"}},
    "PUT /os-services/{action}": {"host": "node@files", "binary": "cinder-volume"},
    "PUT /os-services/freeze": {"host": "node@files"},
    "PUT /os-services/thaw": {"host": "node@files"},
    "PUT /os-services/failover_host": {"host": "node@files"},
    "PUT /os-hosts/{host_name}": {"status": "enable"},
    "PUT /clusters/enable": {"name": "c"},
    "PUT /clusters/disable": {"name": "c"},
    "POST /workers/cleanup": {},
    "POST /os-volume-transfer": {"transfer": {"volume_id": "{volume_id}"}},
    "POST /volume-transfers": {"transfer": {"volume_id": "{volume_id}"}},
    "POST /os-volume-transfer/{transfer_id}/accept": {"accept": {"auth_key": "0"}},
    "POST /volume-transfers/{transfer_id}/accept": {"accept": {"auth_key": "0"}},
    "POST /manageable_volumes": {"volume": {"host": "node@files#files", "ref": {"source-name": "a"}}},
    "POST /manageable_snapshots": {"snapshot": {"volume_id": "{volume_id}", "ref": {"source-name": "a"}}},
}
"""The bodies; `{…}` stands for an id."""
ACTIONS: dict[str, Any] = {
    "os-attach": {"mountpoint": "/dev/vdb", "host_name": "h"},
    "os-extend": {"new_size": 2},
    "os-force_detach": {},
    "os-initialize_connection": {"connector": CONNECTOR},
    "os-terminate_connection": {"connector": CONNECTOR},
    "os-update_readonly_flag": {"readonly": True},
    "os-set_bootable": {"bootable": True},
    "os-set_image_metadata": {"metadata": {"a": "b"}},
    "os-unset_image_metadata": {"key": "a"},
    "os-reset_status": {"status": "error"},
    "os-update_snapshot_status": {"status": "creating"},
    "os-retype": {"new_type": "{type_id}"},
    "os-migrate_volume": {"host": "node@files#files"},
    "os-migrate_volume_completion": {"new_volume": ID},
    "os-volume_upload_image": {"image_name": "a"},
    "os-reimage": {"image_id": ID},
    "revert": {"snapshot_id": "{snapshot_id}"},
    "delete": {"delete-volumes": False},
    "reset_status": {"status": "error"},
    "failover_replication": {},
    "addProjectAccess": {"project": ID},
    "removeProjectAccess": {"project": ID},
}
"""The values of actions that want one; the others take an empty object."""
# These hide fields of an answer, or count only for volumes, images and hosts of some kind.
NOT_ALONE = {
    "limits_extension:used_limits",
    "volume:create_from_image",
    "volume:extend_attached_volume",
    "volume:force_delete",
    "volume:multiattach",
    "volume:multiattach_bootable_volume",
    "volume:reimage_reserved",
    "volume:update_volume_admin_metadata",
    "volume_extension:volume_actions:upload_public",
    "volume_extension:volume_encryption_metadata",
    "volume_extension:volume_image_metadata:show",
    "volume_extension:volume_type_access",
    "volume_extension:types_extra_specs:read_sensitive",
}
HIDES = (
    "_attribute",
    "_attributes",
    "access_types_extra_specs",
    "access_types_qos_specs_id",
    "access_group_types_specs",
)


NAMES = {
    "project_id": PROJECT,
    "class_name": "default",
    "host_name": "node@files",
    "key": "k",
    "name": "c",
    "action": "enable",
}


def cases() -> Iterator[Any]:
    """Every rule that can forbid a request, with each of its requests."""
    for rule in RULES:
        if rule.name not in NOT_ALONE and not rule.name.endswith(HIDES):
            for operation in rule.operations:
                yield pytest.param(rule.name, operation, id=f"{rule.name} {operation}")


@pytest.fixture(scope="module")
def guarded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, dict[str, str]]]:
    """A service with one of everything, and the ids by the names that rules have for them."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "lapilli.sqlite").write_bytes(migrated.read_bytes())
    with closing(Cloud(folder / "lapilli.sqlite", folder / "volumes")) as cloud:
        ids = {"volume_id": cloud.volume(metadata={"k": "v"})}
        ids["snapshot_id"] = cloud.snapshot(ids["volume_id"], metadata={"k": "v"})
        cloud.type("shared", extra_specs={"multiattach": "<is> True"})
        ids["type_id"] = cloud.type("typed", extra_specs={"k": "v"})
        cloud.beat("cinder-backup", "node")
        ids["backup_id"] = made(cloud, "/backups", {"backup": {"volume_id": cloud.volume()}})
        ciphered = f"/types/{ids['type_id']}/encryption"
        ids["encryption_id"] = made(cloud, ciphered, BODIES["POST /types/{type_id}/encryption"], "encryption_id")
        reserved = {"attachment": {"volume_uuid": cloud.volume()}}
        ids["attachment_id"] = made(cloud, "/attachments", reserved)
        ids["qos_id"] = made(cloud, "/qos-specs", {"qos_specs": {"name": "q"}})
        ids["group_type_id"] = made(cloud, "/group_types", {"group_type": {"name": "g", "group_specs": {"k": "v"}}})
        ids["transfer_id"] = made(cloud, "/volume-transfers", {"transfer": {"volume_id": cloud.volume()}})
        group = {"group": {"group_type": ids["group_type_id"], "volume_types": [cloud.type("plain")]}}
        ids["group_id"] = made(cloud, "/groups", group)
        cloud.work()
        made(cloud, "/volumes", {"volume": {"size": 1, "volume_type": "plain", "group_id": ids["group_id"]}})
        cloud.work()
        ids["group_snapshot_id"] = made(cloud, "/group_snapshots", {"group_snapshot": {"group_id": ids["group_id"]}})
        assert cloud.call("POST", "/volumes", {"volume": {"size": 900}}).status == 202
        cloud.work()
        ids["message_id"] = cloud.call("GET", "/messages", version="3.71").json["messages"][0]["id"]
        yield cloud, ids


def made(cloud: Cloud, path: str, body: Any, name: str = "id") -> str:
    """What the request makes; its id."""
    answer = cloud.call("POST", path, body, version="3.71")
    assert answer.status < 300, answer
    return str(next(iter(answer.json.values()))[name])


def filled(wish: Any, ids: dict[str, str]) -> bytes:
    text = json.dumps(wish)
    for name, id in ids.items():
        text = text.replace(f"{{{name}}}", id)
    return text.encode()


def forbid(cloud: Cloud, folder: Path, rule: str) -> None:
    (folder / "policy.yaml").write_text(f'"{rule}": "!"')
    cloud.lend(policy=Policy.load(folder / "policy.yaml"))


@pytest.mark.parametrize(("rule", "operation"), list(cases()))
def test_guarded(guarded: tuple[Cloud, dict[str, str]], tmp_path: Path, rule: str, operation: str) -> None:
    """The request is forbidden, whoever asks; a volume that may not be shown is not there."""
    cloud, ids = guarded
    method, path, *action = operation.split()
    word = action[0].strip("()") if action else ""
    body = BODIES.get(operation, {word: ACTIONS.get(word, {})} if word else None)
    forbid(cloud, tmp_path, rule)
    raw = b"" if body is None else filled(body, ids)
    answer = cloud.call(method, path.format_map({**NAMES, **ids}), raw, version="3.71")
    assert answer.status == (404 if rule == "volume:get" else 403), answer


@pytest.mark.parametrize(
    ("rule", "method", "path", "body"),
    [
        ("volume:force_delete", "DELETE", "/volumes/{volume_id}?force=true", None),
        ("volume:create_from_image", "POST", "/volumes", {"volume": {"size": 1, "imageRef": ID}}),
        ("volume:multiattach", "POST", "/volumes", {"volume": {"size": 1, "volume_type": "shared"}}),
        (
            "volume_extension:volume_actions:upload_public",
            "POST",
            "/volumes/{volume_id}/action",
            {"os-volume_upload_image": {"image_name": "a", "visibility": "public"}},
        ),
    ],
)
def test_guarded_for_some(
    guarded: tuple[Cloud, dict[str, str]], tmp_path: Path, rule: str, method: str, path: str, body: Any
) -> None:
    """Rules for volumes, images and requests of some kind forbid these."""
    cloud, ids = guarded
    forbid(cloud, tmp_path, rule)
    assert cloud.call(method, path.format_map(ids), body, version="3.71").status == 403
