"""The type of a new volume, its zones and its key."""

from typing import Any

import pytest

from lapilli.db import default_types, encryptions, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.model.images import Image
from lapilli.operations.admission import Rules
from lapilli.operations.type_choice import choose_key, choose_type, choose_zones
from tests.unit.operations.lab import ADMIN, RULES, STRANGER, TENANT, TYPE, Lab


def choose(lab: Lab, asked: str | None = None, caller: Any = TENANT, rules: Rules = RULES, **hints: Any) -> str:
    """The id of the type that is chosen."""
    of: dict[str, Any] = {"of_source": None, "of_image": None, **hints}
    return str(lab.ask(choose_type, rules, caller, asked, **of).id)


def kind(lab: Lab, name: str = TYPE) -> AnyRow:
    return lab.see(types.get, name, None)


def encrypt(lab: Lab, name: str, **values: Any) -> AnyRow:
    way = {"provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", **values}
    lab.db.write(lambda tx: encryptions.add(tx, volume_type_id=name, encryption_id="e", **way))
    return kind(lab, name)


def test_order(lab: Lab) -> None:
    """The type asked for, the source's, the image's, the project's, the operator's."""
    for name in ("asked", "source", "image", "project", "operator"):
        lab.type(name)
    rules = Rules(default_volume_type="operator")
    assert choose(lab) == TYPE
    assert choose(lab, rules=rules) == "operator"
    lab.db.write(lambda tx: default_types.set_for(tx, "p", "project"))
    assert choose(lab, rules=rules) == "project"
    assert choose(lab, rules=rules, caller=STRANGER) == "operator"
    assert choose(lab, rules=rules, of_image="image") == "image"
    assert choose(lab, rules=rules, of_image="image", of_source="source") == "source"
    assert choose(lab, "asked", rules=rules, of_image="image", of_source="source") == "asked"


def test_private_types(lab: Lab) -> None:
    """Who may not use a type gets none of it, but copies of what there is have their source's."""
    lab.type("other")
    lab.db.write(lambda tx: types.change(tx, types.get(tx, "other", None), is_public=False))
    ways: list[dict[str, Any]] = [{"asked": "other"}, {"of_image": "other"}]
    for hints in ways:
        with pytest.raises(NotFound, match="other"):
            choose(lab, **hints)
        assert choose(lab, caller=ADMIN, **hints) == "other"
    assert choose(lab, of_source="other") == "other"
    lab.db.write(lambda tx: types.allow(tx, "other", "p"))
    assert choose(lab, "other") == "other"


def test_zone(lab: Lab) -> None:
    """The zone asked for, else the source's, else the default, else any."""
    source = lab.volume(lab.create())
    rules = Rules(default_availability_zone="far")
    assert lab.see(choose_zones, rules, kind(lab), None, source) == ["nova"]
    assert lab.see(choose_zones, rules, kind(lab), None, None) == ["far"]
    assert lab.see(choose_zones, RULES, kind(lab), None, None) == []
    assert lab.see(choose_zones, rules, kind(lab), "nova", None) == ["nova"]
    with pytest.raises(Malformed, match="there is nova"):
        lab.see(choose_zones, rules, kind(lab), "moon", source)
    falling = Rules(default_availability_zone="far", falls_back_to_default_zone=True)
    assert lab.see(choose_zones, falling, kind(lab), "moon", None) == ["far"]


def test_zones_of_a_type(lab: Lab) -> None:
    """A type may name its zones: one of them, or any, but no other, not by default either."""
    lab.second.zone = "far"
    lab.beat(lab.second)
    wide = kind(lab, lab.type("wide", RESKEY__availability_zones="far, nova,moon"))
    near = kind(lab, lab.type("near", RESKEY__availability_zones="nova"))
    lost = kind(lab, lab.type("lost", RESKEY__availability_zones="moon"))
    rules = Rules(default_availability_zone="far")
    assert lab.see(choose_zones, rules, wide, None, None) == ["far", "nova"]
    assert lab.see(choose_zones, rules, near, None, None) == ["nova"]
    assert lab.see(choose_zones, rules, wide, "far", None) == ["far"]
    for asked in ("far", "moon"):
        with pytest.raises(Malformed, match="there is nova"):
            lab.see(choose_zones, rules, near, asked, None)
    with pytest.raises(Malformed, match="type lost exists: moon"):
        lab.see(choose_zones, rules, lost, None, None)
    falling = Rules(default_availability_zone="nova", falls_back_to_default_zone=True)
    assert lab.see(choose_zones, falling, near, "far", None) == ["nova"]


def test_volumes_of_such_types(lab: Lab) -> None:
    """They have no zone before they have a place, unless there is but one."""
    lab.second.zone = "far"
    lab.beat(lab.second)
    lab.type("far", RESKEY__availability_zones="far")
    row = lab.volume(lab.create(volume_type="far"))
    assert (row.availability_zone, row.host) == ("far", lab.second.pool)
    lab.type("wide", RESKEY__availability_zones="far,nova")
    row = lab.volume(lab.create(volume_type="wide"))
    assert (row.availability_zone, row.host) == ("nova", lab.first.pool)


def test_key(lab: Lab) -> None:
    """Encrypted types have a key, where there is one."""
    rules = Rules(encryption_key_id="k")
    secret = encrypt(lab, lab.type("secret"))
    assert lab.see(choose_key, rules, kind(lab), None) is None
    assert lab.see(choose_key, rules, secret, None) == "k"
    with pytest.raises(Malformed, match="key_manager"):
        lab.see(choose_key, RULES, secret, None)
    with pytest.raises(Malformed, match="cipher"):
        lab.see(choose_key, rules, encrypt(lab, lab.type("bare"), cipher=None), None)
    with pytest.raises(Malformed, match="multiattach"):
        lab.see(choose_key, rules, encrypt(lab, lab.type("shared", multiattach="<is> True")), None)


def test_keys_of_copies(lab: Lab) -> None:
    """A copy is encrypted as its source is."""
    rules = Rules(encryption_key_id="k")
    secret, alike = encrypt(lab, lab.type("secret")), encrypt(lab, lab.type("alike"))
    other, plain = encrypt(lab, lab.type("other"), key_size=512), kind(lab)
    assert lab.see(choose_key, rules, secret, "alike") == lab.see(choose_key, rules, alike, "alike") == "k"
    assert lab.see(choose_key, rules, plain, lab.type("plain")) is None
    for wanted, of_source in ((secret, "other"), (other, "secret"), (plain, "secret"), (secret, TYPE)):
        with pytest.raises(Malformed, match="as its source is"):
            lab.see(choose_key, rules, wanted, of_source)


def test_keys_of_images(lab: Lab) -> None:
    """The bytes of an image are plain, unless it was made of an encrypted volume."""
    rules = Rules(encryption_key_id="k")
    secret, plain = encrypt(lab, lab.type("secret")), kind(lab)
    made_of_secret = Image("i", properties={"cinder_encryption_key_id": "k"})
    foreign = Image("i", properties={"cinder_encryption_key_id": "l"})
    assert lab.see(choose_key, rules, plain, None, Image("i")) is None
    assert lab.see(choose_key, rules, secret, None, made_of_secret) == "k"
    for wanted, image in ((secret, Image("i")), (secret, foreign), (plain, foreign), (plain, made_of_secret)):
        with pytest.raises(Malformed, match="Image i is not encrypted"):
            lab.see(choose_key, rules, wanted, None, image)
