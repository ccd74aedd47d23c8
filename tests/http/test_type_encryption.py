"""Encryption of volume types, and of the volumes that are made of them."""

from collections.abc import Mapping
from typing import Any

import pytest

from lapilli.model.values import FIXED_KEY_ID
from lapilli.operations.admission import Rules
from tests.http.lab import OTHER_PROJECT, QUOTA, Cloud

_LUKS = {"provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", "key_size": 256}


def encrypted(cloud: Cloud, name: str = "secret", wish: Mapping[str, Any] = _LUKS, **specs: str) -> str:
    """A new volume type that is encrypted; its id."""
    type_id = cloud.type(name, extra_specs=specs)
    answer = cloud.call("POST", f"/types/{type_id}/encryption", {"encryption": wish})
    assert answer.status == 200, answer.text
    return type_id


def keep_keys(cloud: Cloud) -> None:
    """From now on there is a key manager, with one key."""
    cloud.lend(rules=Rules(quota=QUOTA, encryption_key_id=FIXED_KEY_ID))


def test_life(cloud: Cloud) -> None:
    """Encryption is created, shown, changed and deleted; writes answer with what was sent."""
    type_id = cloud.type("secret")
    path = f"/types/{type_id}/encryption"
    assert cloud.call("GET", path).json == {}
    answer = cloud.call("POST", path, {"encryption": {**_LUKS, "key_size": "256", "remark": "kept out"}})
    assert answer.status == 200
    created = answer.json["encryption"]
    encryption_id = created.pop("encryption_id")
    assert created == {**_LUKS, "remark": "kept out", "volume_type_id": type_id}
    shown = cloud.call("GET", path).json
    assert shown.pop("created_at") is not None
    unset = {"updated_at": None, "deleted_at": None, "deleted": False}
    assert shown == {**_LUKS, "volume_type_id": type_id, "encryption_id": encryption_id, **unset}
    assert cloud.call("GET", f"{path}/key_size").json == {"key_size": 256}
    assert cloud.call("GET", f"{path}/remark").status == 404
    answer = cloud.call("PUT", f"{path}/{encryption_id}", {"encryption": {"key_size": "512", "cipher": None}})
    assert (answer.status, answer.json) == (200, {"encryption": {"key_size": 512, "cipher": None}})
    changed = cloud.call("GET", path).json
    assert (changed["key_size"], changed["cipher"], changed["provider"]) == (512, None, "luks")
    answer = cloud.call("DELETE", f"{path}/whatever")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.call("GET", path).json == {}
    assert cloud.call("GET", f"{path}/provider").status == 404


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"provider": "luks"},
        {"control_location": "front-end"},
        {**_LUKS, "control_location": "middle"},
        {**_LUKS, "provider": None},
        {**_LUKS, "provider": "p" * 256},
        {**_LUKS, "cipher": 7},
        {**_LUKS, "key_size": "many"},
        {**_LUKS, "key_size": ""},
        {**_LUKS, "key_size": -1},
        {**_LUKS, "key_size": 2**31},
        {**_LUKS, "key_size": 1.5},
        [],
    ],
)
def test_refused(quiet: Cloud, wish: Any) -> None:
    """What is no encryption is a 400, and the type stays as it is."""
    type_id = quiet.call("GET", "/types/default").json["volume_type"]["id"]
    answer = quiet.call("POST", f"/types/{type_id}/encryption", {"encryption": wish})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert quiet.call("GET", f"/types/{type_id}/encryption").json == {}


def test_only_once(cloud: Cloud) -> None:
    """A type is encrypted in one way; the ids in the body are not those of another type."""
    type_id = encrypted(cloud)
    other = cloud.type("other")
    path = f"/types/{type_id}/encryption"
    assert cloud.call("POST", path, {"encryption": _LUKS}).status == 400
    answer = cloud.call("POST", f"/types/{other}/encryption", {"encryption": {**_LUKS, "volume_type_id": type_id}})
    assert answer.json["encryption"]["volume_type_id"] == other


@pytest.mark.parametrize(("method", "suffix"), [("PUT", "/x"), ("DELETE", "/x")])
def test_nothing_there(cloud: Cloud, method: str, suffix: str) -> None:
    """What is not encrypted, or not a type, is not found."""
    type_id = cloud.type("plain")
    assert cloud.call(method, f"/types/{type_id}/encryption{suffix}", {"encryption": _LUKS}).status == 404
    for verb, path in (("GET", ""), ("POST", ""), ("GET", "/provider"), (method, suffix)):
        assert cloud.call(verb, f"/types/nonsense/encryption{path}", {"encryption": _LUKS}).status == 404


def test_types_in_use(cloud: Cloud) -> None:
    """A volume is encrypted as its type was when it was made, so that stays."""
    keep_keys(cloud)
    secret, plain = encrypted(cloud), cloud.type("plain")
    cloud.volume(volume_type="secret")
    cloud.volume(volume_type="plain")
    wish = {"encryption": _LUKS}
    assert cloud.call("POST", f"/types/{plain}/encryption", wish).status == 400
    assert cloud.call("PUT", f"/types/{secret}/encryption/x", wish).status == 400
    assert cloud.call("DELETE", f"/types/{secret}/encryption/x").status == 400
    assert cloud.call("GET", f"/types/{secret}/encryption").json["provider"] == "luks"


def test_encrypted_volume(cloud: Cloud) -> None:
    """Its view tells that there is a key; which one, and how it is used, has a page of its own."""
    keep_keys(cloud)
    encrypted(cloud)
    volume_id = cloud.volume(volume_type="secret")
    shown = cloud.see("volumes", volume_id)
    assert shown["encrypted"] is True
    assert "encryption_key_id" not in shown
    path = f"/volumes/{volume_id}/encryption"
    answer = cloud.call("GET", path, roles="reader")
    assert (answer.status, answer.json) == (200, {"encryption_key_id": FIXED_KEY_ID, **_LUKS})
    answer = cloud.call("GET", f"{path}/key_size", roles="reader")
    assert (answer.status, answer.text, answer.headers["content-type"]) == (200, "256", "text/html; charset=UTF-8")
    assert cloud.call("GET", f"{path}/nonsense").status == 404


def test_plain_volume(cloud: Cloud) -> None:
    """Without encryption there is no key, and nothing else to tell."""
    path = f"/volumes/{cloud.volume()}/encryption"
    assert cloud.call("GET", path).json == {"encryption_key_id": None}
    answer = cloud.call("GET", f"{path}/encryption_key_id")
    assert (answer.status, answer.text) == (200, "")
    assert cloud.call("GET", f"{path}/cipher").status == 404
    assert cloud.call("GET", path, roles="reader", project=OTHER_PROJECT).status == 404
    assert cloud.call("GET", path, roles="nobody").status == 403
    assert cloud.call("GET", "/volumes/nonsense/encryption").status == 404


def test_without_a_key_manager(cloud: Cloud) -> None:
    """Types can be encrypted, but there is no volume of them."""
    encrypted(cloud)
    answer = cloud.call("POST", "/volumes", {"volume": {"size": 1, "volume_type": "secret"}})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert "key_manager" in answer.json["badRequest"]["message"]


@pytest.mark.parametrize(("wish", "specs"), [({**_LUKS, "cipher": None}, {}), (_LUKS, {"multiattach": "<is> True"})])
def test_volumes_that_cannot_be(cloud: Cloud, wish: Mapping[str, Any], specs: dict[str, str]) -> None:
    """A key has a cipher, and what two hosts write cannot be encrypted by each."""
    keep_keys(cloud)
    encrypted(cloud, "secret", wish, **specs)
    assert cloud.call("POST", "/volumes", {"volume": {"size": 1, "volume_type": "secret"}}).status == 400


def test_copies(cloud: Cloud) -> None:
    """The bytes of a copy are those of its source, so it is encrypted in the same way or not at all."""
    keep_keys(cloud)
    encrypted(cloud)
    encrypted(cloud, "like it")
    encrypted(cloud, "stronger", {**_LUKS, "key_size": 512})
    source, plain = cloud.volume(volume_type="secret"), cloud.volume()
    snapshot = cloud.snapshot(source)
    for wish, status in (
        ({"source_volid": source, "volume_type": "like it"}, 202),
        ({"source_volid": source}, 202),
        ({"snapshot_id": snapshot}, 202),
        ({"source_volid": source, "volume_type": "stronger"}, 400),
        ({"snapshot_id": snapshot, "volume_type": "__DEFAULT__"}, 400),
        ({"source_volid": plain, "volume_type": "secret"}, 400),
    ):
        answer = cloud.call("POST", "/volumes", {"volume": wish})
        assert answer.status == status, answer.text
        if status == 202:
            assert answer.json["volume"]["encrypted"] is True
            cloud.work()


def test_types_go_with_their_encryption(cloud: Cloud) -> None:
    """Nothing of a deleted type is in the way of another of its name."""
    assert cloud.call("DELETE", f"/types/{encrypted(cloud)}").status == 202
    assert cloud.call("GET", f"/types/{cloud.type('secret')}/encryption").json == {}


@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("POST", ""), ("GET", "/cipher"), ("PUT", "/x"), ("DELETE", "/x")]
)
def test_administrators_only(quiet: Cloud, method: str, suffix: str) -> None:
    """How types are encrypted is no business of tenants."""
    type_id = quiet.call("GET", "/types/default").json["volume_type"]["id"]
    path = f"/types/{type_id}/encryption{suffix}"
    answer = quiet.call(method, path, {"encryption": _LUKS}, roles="member,reader")
    assert (answer.status, answer.fault) == (403, "forbidden")
