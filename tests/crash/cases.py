"""What is asked for, and what has to be there in the end: one case for each kind of operation and way to fail.

All begin with the cloud that `fill` makes. `after` names what is different then; None is for what is gone.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from lapilli.db.schema import volumes
from lapilli.model.images import Image, NewImage
from lapilli.model.values import GIB
from lapilli.operations import (
    create_volume,
    reimage_volume,
    upload_image,
)
from lapilli.operations.desks import CacheRules
from tests.crash import asks, faults
from tests.crash.backup_asks import back_up
from tests.crash.survey import PLACES
from tests.crash.world import Ask, Parts, World

_PLAIN = "available, 1 GiB of zeros on first"
_IMAGE = Image("22222222-0000-4000-8000-000000000001", disk_format="qcow2", container_format="bare", size_bytes=1)
_NEW_IMAGE = NewImage("22222222-0000-4000-8000-000000000002", "made of origin", "qcow2", "bare")


@dataclass(frozen=True)
class Case:
    """A request, and what comes of it."""

    name: str
    ask: Ask
    after: Mapping[str, str | None]
    parts: Parts = field(default_factory=Parts)
    is_quick: bool = False
    """Whether the ordinary tests run it too."""


def fill(world: World) -> None:
    """`origin` has bytes `b`, and a snapshot of the time when they were `a`. The others are called after their use."""
    for name in ("origin", "spare", "movable", "reserved", "attached", "shared"):
        _do(world, asks.create(name, 1))
    _mark(world, "origin", b"a")
    _do(world, asks.snapshot("kept", "origin"))
    _do(world, back_up("full", "origin"))
    _mark(world, "origin", b"b")
    _mark(world, "movable", b"m")
    _put_disk(world)
    _do(world, asks.create("broken", 900))
    _put_images(world)
    for volume, hosts in {"reserved": [], "attached": ["alice"], "shared": ["alice", "bob"]}.items():
        for host in hosts:
            _do(world, asks.reserve(volume))
            _do(world, asks.connect(volume, host))
            _do(world, asks.complete(volume, host))
    _do(world, asks.reserve("reserved"))
    # As in the middle of a live migration: a second host, not yet connected.
    _do(world, asks.reserve("shared"))


def _from_image(name: str, image: Image) -> Ask:
    def ask(tx: Connection) -> object:
        return create_volume.admit(tx, asks.CALLER, asks.RULES, create_volume.Wish(1, name=name, image=image))

    return ask


def _upload(name: str) -> Ask:
    return lambda tx: upload_image.admit(
        tx, asks.CALLER, asks.RULES, asks.id_of(tx, volumes, name), _NEW_IMAGE, force=False
    )


def _reimage(name: str, image: Image) -> Ask:
    return lambda tx: reimage_volume.admit(
        tx, asks.CALLER, asks.RULES, asks.id_of(tx, volumes, name), image, reserved=False
    )


def _put_images(world: World) -> None:
    """An image with the bytes of `origin`, and one that waits for them."""
    path = world.file_of("origin").with_name("image")
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", world.file_of("origin"), path], check=True)
    world.images.put(_IMAGE.id, path.read_bytes(), disk_format="qcow2")
    path.unlink()
    world.images.create(_NEW_IMAGE)


def _do(world: World, ask: Ask) -> None:
    world.write(ask)
    world.finish()


def _mark(world: World, name: str, letter: bytes) -> None:
    mark(world.file_of(name), letter)


def mark(path: Path, letter: bytes) -> None:
    """Write the letter where the survey looks."""
    with path.open("r+b") as file:
        for offset in PLACES:
            file.seek(offset)
            file.write(letter * 512)


def _put_disk(world: World) -> None:
    """Files of somebody else's on the first backend: one is of no whole number of GiB."""
    for name, size_bytes in (("disk", GIB * 3 // 2), ("older", GIB)):
        path = world.file_of("origin").with_name(name)
        with path.open("xb") as file:
            file.truncate(size_bytes)
        mark(path, name[:1].encode())


_FIRST_BREAKS = Parts(driver={"first": faults.BreaksAfterwards})
_NEVER_DELETES = Parts(driver={"first": faults.NeverDeletes})
_BOTH_BREAK = Parts(driver={"first": faults.BreaksAfterwards, "second": faults.BreaksAfterwards})
_TARGET_BREAKS = Parts(target=faults.TargetBreaksAfterwards)

_CACHE = Parts(cache=CacheRules("internal", "operator"))

CASES = (
    Case("create from an image", _from_image("new", _IMAGE), {"volume new": "available, 1 GiB of b on first"}),
    Case(
        "create from an image by the cache",
        _from_image("new", _IMAGE),
        {
            "volume new": "available, 1 GiB of b on first",
            f"volume image-{_IMAGE.id}": "available, 1 GiB of b on first",
        },
        _CACHE,
    ),
    Case(
        "create from an image that is another",
        _from_image("new", replace(_IMAGE, disk_format="vmdk")),
        {"volume new": "error, 1 GiB of nothing on nowhere"},
    ),
    Case("upload", _upload("origin"), {f"image {_NEW_IMAGE.name}": "active"}),
    Case("reimage", _reimage("spare", _IMAGE), {"volume spare": "available, 1 GiB of b on first"}),
    Case("create", asks.create("new", 2), {"volume new": "available, 2 GiB of zeros on first"}, is_quick=True),
    Case(
        "create from snapshot",
        asks.create("new", 2, snapshot="kept"),
        {"volume new": "available, 2 GiB of a on first"},
    ),
    Case(
        "create from volume", asks.create("new", 2, volume="origin"), {"volume new": "available, 2 GiB of b on first"}
    ),
    Case(
        "create, first backend fails",
        asks.create("new", 2),
        {"volume new": "available, 2 GiB of zeros on second"},
        _FIRST_BREAKS,
    ),
    Case(
        "create, all backends fail",
        asks.create("new", 2),
        {"volume new": "error, 2 GiB of nothing on nowhere"},
        _BOTH_BREAK,
    ),
    Case("create, no space", asks.create("new", 99), {"volume new": "error, 99 GiB of nothing on nowhere"}),
    Case("delete", asks.delete("spare"), {"volume spare": None}, is_quick=True),
    Case("delete, never placed", asks.delete("broken"), {"volume broken": None}),
    Case(
        "delete, backend fails",
        asks.delete("spare"),
        {"volume spare": "error_deleting, 1 GiB of nothing on first"},
        _NEVER_DELETES,
    ),
    Case("delete with snapshots", asks.delete("origin", cascade=True), {"volume origin": None, "snapshot kept": None}),
    Case("extend", asks.extend("origin", 3), {"volume origin": "available, 3 GiB of b on first"}),
    Case(
        "extend, attached",
        asks.extend("attached", 3),
        {"volume attached": "in-use, 3 GiB of zeros on first", "target of attached": "3 GiB"},
    ),
    Case(
        "extend, while it is copied",
        asks.both(asks.create("new", 1, volume="origin"), asks.extend("origin", 3)),
        {"volume new": "available, 1 GiB of b on first", "volume origin": "available, 3 GiB of b on first"},
    ),
    Case(
        "extend, while a snapshot is made",
        asks.both(asks.snapshot("new", "origin"), asks.extend("origin", 3)),
        {"snapshot new": "available, 1 GiB of b", "volume origin": "available, 3 GiB of b on first"},
    ),
    Case(
        "extend, while it is detached",
        asks.both(asks.extend("attached", 3), asks.disconnect("attached", "alice")),
        {
            "volume attached": "available, 3 GiB of zeros on first",
            "attachment of attached to alice": None,
            "target of attached": None,
        },
    ),
    Case("extend, no space", asks.extend("origin", 99), {}),
    Case(
        "extend, backend fails",
        asks.extend("origin", 3),
        {"volume origin": "error_extending, 1 GiB of b on first"},
        _FIRST_BREAKS,
    ),
    Case("snapshot", asks.snapshot("new", "origin"), {"snapshot new": "available, 1 GiB of b"}),
    Case(
        "snapshot, backend fails",
        asks.snapshot("new", "origin"),
        {"snapshot new": "error, 1 GiB of nothing"},
        _FIRST_BREAKS,
    ),
    Case("snapshot, delete", asks.remove_snapshot("kept"), {"snapshot kept": None}),
    Case(
        "snapshot, delete, backend fails",
        asks.remove_snapshot("kept"),
        {"snapshot kept": "error_deleting, 1 GiB of nothing"},
        _NEVER_DELETES,
    ),
    Case(
        "attachment, reserve",
        asks.reserve("spare"),
        {
            "volume spare": "reserved, 1 GiB of zeros on first",
            "attachment of spare to nobody": "reserved, without connection info",
        },
    ),
    Case(
        "attachment, connect",
        asks.connect("reserved", "alice"),
        {
            "volume reserved": "attaching, 1 GiB of zeros on first",
            "attachment of reserved to nobody": None,
            "attachment of reserved to alice": "attaching, with connection info",
            "target of reserved": "1 GiB",
        },
        is_quick=True,
    ),
    Case(
        "attachment, connect a further host",
        asks.connect("shared", "carol"),
        {
            "attachment of shared to nobody": None,
            "attachment of shared to carol": "attaching, with connection info",
        },
    ),
    Case(
        "attachment, connect, target fails",
        asks.connect("reserved", "alice"),
        {
            "volume reserved": _PLAIN,
            "attachment of reserved to nobody": None,
            "attachment of reserved to alice": "error_attaching, without connection info",
        },
        _TARGET_BREAKS,
    ),
    Case(
        "attachment, disconnect",
        asks.disconnect("attached", "alice"),
        {"volume attached": _PLAIN, "attachment of attached to alice": None, "target of attached": None},
    ),
    Case(
        "attachment, disconnect one of several", asks.disconnect("shared", "bob"), {"attachment of shared to bob": None}
    ),
    Case(
        "attachment, disconnect what is only reserved",
        asks.disconnect("reserved", None),
        {"volume reserved": _PLAIN, "attachment of reserved to nobody": None},
    ),
    Case(
        "attachment, disconnect, target fails",
        asks.disconnect("shared", "bob"),
        {"attachment of shared to bob": "error_detaching, with connection info"},
        _TARGET_BREAKS,
    ),
)
