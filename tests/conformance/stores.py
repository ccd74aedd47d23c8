"""What every backup store has to do: one list of checks, each run on a `StoreLab`."""

from collections.abc import Iterator

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.backups import BackupStore
from tests.conformance.kills import each_kill
from tests.conformance.store_lab import Check, StoreLab

_BOX = "weekly"
_BACKUP = "11111111-0000-4000-8000-000000000001"
_VOLUME = "22222222-0000-4000-8000-000000000002"
_TIME = "2026-11-20T10:42:13.455874"


def name_of(check: Check) -> str:
    return check.__name__


def _bytes(store: BackupStore, name: str, container: str = _BOX) -> bytes:
    return b"".join(store.get(container, name))


def objects_hold_their_bytes(lab: StoreLab) -> None:
    """What was put in pieces comes back, also for another process, and also if it is nothing."""
    lab.start().put(_BOX, "a-00001", [b"one", b"", b"two" * 500_000])
    lab.start().put(_BOX, "a-00002", [])
    assert _bytes(lab.start(), "a-00001") == b"one" + b"two" * 500_000
    assert _bytes(lab.start(), "a-00002") == b""


def an_object_is_replaced(lab: StoreLab) -> None:
    """The second put of a name is what is there afterwards."""
    store = lab.start()
    store.put(_BOX, "a-00001", [b"before, and longer"])
    store.put(_BOX, "a-00001", [b"after"])
    assert _bytes(store, "a-00001") == b"after"
    assert store.names(_BOX, "a") == ["a-00001"]


def a_put_that_fails_leaves_nothing(lab: StoreLab) -> None:
    """What the pieces raise comes through, and no part of the object is there, nor what it would have replaced."""
    store = lab.start()

    def pieces() -> Iterator[bytes]:
        yield b"begun"
        raise KeyError("as it happens")

    with pytest.raises(KeyError):
        store.put(_BOX, "a-00001", pieces())
    assert store.names(_BOX, "a") == []
    assert lab.stored() == set()


def names_are_sorted_and_begin_with_the_prefix(lab: StoreLab) -> None:
    """A list has the objects of its prefix and container, and no others."""
    store = lab.start()
    for name in ("a-00010", "a-00002", "a_metadata", "b-00001"):
        store.put(_BOX, name, [b"x"])
    store.put("other", "a-00003", [b"x"])
    assert list(store.names(_BOX, "a-")) == ["a-00002", "a-00010"]
    assert list(store.names(_BOX, "a")) == ["a-00002", "a-00010", "a_metadata"]
    assert list(store.names("nowhere", "a")) == []


def a_missing_object_is_named(lab: StoreLab) -> None:
    """To read what is not there says which object is missing."""
    store = lab.start()
    store.put(_BOX, "a-00001", [b"x"])
    for container, name in ((_BOX, "a-00002"), ("nowhere", "a-00001")):
        with pytest.raises(BackendFailed, match=name):
            _bytes(store, name, container)


def deleting_twice_is_deleting(lab: StoreLab) -> None:
    """What is deleted is gone, and to delete what is gone does nothing. The others stay."""
    store = lab.start()
    for name in ("a-00001", "a-00002", "b-00001"):
        store.put(_BOX, name, [b"x"])
    for _ in range(2):
        store.delete(_BOX, "a-00001")
        store.delete("nowhere", "a-00001")
    assert list(store.names(_BOX, "a")) == ["a-00002"]
    for _ in range(2):
        store.delete_all(_BOX, "a")
        store.delete_all("nowhere", "a")
    assert lab.stored() == {"b-00001"}


def addresses_stay(lab: StoreLab) -> None:
    """A backup has the same address whenever it is asked for, below the container that was asked for."""
    store = lab.start()
    for container in (None, "weekly"):
        first = store.address(_BACKUP, _VOLUME, container, _TIME)
        assert first == lab.start().address(_BACKUP, _VOLUME, container, _TIME)
        assert first[1].endswith(_BACKUP)
        assert _VOLUME in first[1]
    assert store.address(_BACKUP, _VOLUME, "weekly", _TIME)[0] == "weekly"
    store.put(*store.address(_BACKUP, _VOLUME, None, _TIME), [b"x"])
    store.delete_all(*store.address(_BACKUP, _VOLUME, None, _TIME))
    assert lab.stored() == set()


def blocks_divide_objects(lab: StoreLab) -> None:
    """The store's objects are made of whole blocks."""
    store = lab.start()
    assert store.object_bytes % store.block_bytes == 0
    assert store.kind


def strange_names_are_refused(lab: StoreLab) -> None:
    """No name leads out of the store, or to nothing."""
    store = lab.start()
    for container, name in (("../up", "a"), ("/etc", "a"), (_BOX, "../a"), (_BOX, ""), ("", "a"), (_BOX, "a\0b")):
        with pytest.raises(Malformed):
            store.put(container, name, [b"x"])
        with pytest.raises(Malformed):
            store.delete_all(container, name)
    assert lab.stored() == set()


def putting_survives_kills(lab: StoreLab) -> None:
    """Killed before any of its system calls, a put has left the whole object or none, and a second one finishes it."""
    for before in (None, b"before"):
        for _ in each_kill(lab.start, lambda store: store.put(_BOX, "a-00001", [b"a" * 100_000, b"b"])):
            store = lab.start()
            if store.names(_BOX, "a"):
                assert _bytes(store, "a-00001") in {b"a" * 100_000 + b"b", before}
            store.put(_BOX, "a-00001", [b"c"])
            assert _bytes(store, "a-00001") == b"c"
            store.delete_all(_BOX, "a")
            assert lab.stored() == set()
            if before:
                store.put(_BOX, "a-00001", [before])


def what_was_half_put_can_be_deleted(lab: StoreLab) -> None:
    """Killed before any of its system calls, a put is undone by a deletion, without a trace."""
    for _ in each_kill(lab.start, lambda store: store.put(_BOX, "a-00001", [b"a", b"b"])):
        lab.start().delete_all(_BOX, "a")
        assert lab.stored() == set()


def deleting_survives_kills(lab: StoreLab) -> None:
    """Killed before any of its system calls, a deletion is finished by a second one, and the others stay."""
    lab.start().put(_BOX, "b-00001", [b"b"])
    lab.start().put(_BOX, "a-00001", [b"a"])
    for _ in each_kill(lab.start, lambda store: store.delete_all(_BOX, "a")):
        lab.start().delete_all(_BOX, "a")
        assert lab.stored() == {"b-00001"}
        lab.start().put(_BOX, "a-00001", [b"a"])


CHECKS: tuple[Check, ...] = (
    objects_hold_their_bytes,
    an_object_is_replaced,
    a_put_that_fails_leaves_nothing,
    names_are_sorted_and_begin_with_the_prefix,
    a_missing_object_is_named,
    deleting_twice_is_deleting,
    addresses_stay,
    blocks_divide_objects,
    strange_names_are_refused,
    putting_survives_kills,
    what_was_half_put_can_be_deleted,
    deleting_survives_kills,
)
