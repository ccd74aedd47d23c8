"""Restored bytes are those that were backed up, or the restore fails and says why."""

import json
import os
from pathlib import Path

import pytest

from lapilli.backup import restore
from lapilli.model.errors import BackendFailed, Conflict
from tests.unit.backup.lab import KIB, VOLUME_BYTES, Lab


@pytest.mark.parametrize("label", ["none", "zlib", "gzip", "bz2", "zstd"])
def test_a_chain_gives_back_the_bytes(lab: Lab, label: str) -> None:
    """A full backup and two incremental ones, with holes filled and data zeroed between them."""
    lab.write(0, os.urandom(90 * KIB) + b"text " * 60_000)
    lab.back_up(1, label=label)
    lab.write(20 * KIB, bytes(100 * KIB))
    lab.back_up(2, parent=1, label=label)
    lab.write(700 * KIB, b"new " * 5000)
    lab.back_up(3, parent=2, label=label)
    assert lab.restored(1, 2, 3, old=b"old" * 300 * KIB).read_bytes() == lab.path.read_bytes()


def test_zeros_take_no_space(lab: Lab) -> None:
    """A sparse volume is restored as a sparse one, also over one that was full."""
    lab.write(512 * KIB, b"a" * 64 * KIB)
    lab.back_up(1)
    for old in (b"", os.urandom(VOLUME_BYTES)):
        path = lab.restored(1, old=old)
        assert path.read_bytes() == lab.path.read_bytes()
        assert _used(path) <= 64 * KIB + 8 * KIB


@pytest.mark.parametrize("label", ["none", "zlib", "bz2", "zstd"])
@pytest.mark.parametrize("at", [0, 5000, 15_000])
def test_a_wrong_byte_is_found(lab: Lab, label: str, at: int) -> None:
    """Wherever it is, the restore fails and names the object."""
    lab.write(256 * KIB, os.urandom(20_000).hex().encode())
    lab.back_up(1, label=label)
    stored = lab.object(1, "-00002")
    data = bytearray(stored.read_bytes())
    data[at] ^= 1
    stored.write_bytes(data)
    with pytest.raises(Conflict, match="-00002 is damaged"):
        lab.restored(1)


@pytest.mark.parametrize(
    ("label", "factor"),
    [
        ("none", 0),
        ("none", 0.5),
        ("none", 3),
        ("zlib", 0),
        ("zlib", 0.5),
        ("bz2", 0),
        ("bz2", 0.5),
        ("zstd", 0),
        ("zstd", 0.5),
    ],
)
def test_a_wrong_length_is_found(lab: Lab, label: str, factor: float) -> None:
    """An object that was cut, or that somebody appended to, is not taken for a whole one."""
    lab.write(0, os.urandom(20_000).hex().encode())
    lab.back_up(1, label=label)
    stored = lab.object(1, "-00001")
    whole = stored.read_bytes()
    stored.write_bytes((whole * 3)[: int(len(whole) * factor)])
    with pytest.raises(Conflict, match="-00001 is damaged"):
        lab.restored(1)


def test_a_missing_object_is_named_before_anything_is_written(lab: Lab) -> None:
    """The lists are compared first, and a volume to restore to keeps its bytes."""
    lab.back_up(1)
    lab.object(1, "-00003").unlink()
    with pytest.raises(BackendFailed, match="-00003 is missing"):
        lab.restored(1, old=b"kept")
    assert (lab.folder / "restored").read_bytes()[:4] == b"kept"


def test_an_object_too_many_is_named(lab: Lab) -> None:
    """As in Cinder, a list that does not match exactly is not trusted."""
    lab.back_up(1)
    lab.object(1, "-00009").write_bytes(b"whose?")
    with pytest.raises(Conflict, match="-00009"):
        lab.restored(1)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"version": "2.0.0", "objects": []}', "\N{SNOWMAN}"])
def test_a_damaged_manifest_is_named(lab: Lab, damage: str) -> None:
    """What is no metadata of a backup is said to be damaged."""
    lab.back_up(1)
    lab.object(1, "_metadata").write_text(damage)
    with pytest.raises(Conflict, match="_metadata"):
        lab.restored(1)


@pytest.mark.parametrize("change", [{"compression": "lzma"}, {"offset": -1}, {"length": 0}, {"md5": None}])
def test_a_strange_entry_is_refused(lab: Lab, change: dict[str, object]) -> None:
    """An entry that cannot be right is told before or while its object is restored."""
    lab.back_up(1)
    path = lab.object(1, "_metadata")
    metadata = json.loads(path.read_text())
    next(iter(metadata["objects"][0].values())).update(change)
    path.write_text(json.dumps(metadata))
    with pytest.raises((Conflict, BackendFailed), match="damaged"):
        lab.restored(1)


def test_a_volume_that_is_too_small_is_refused(lab: Lab) -> None:
    """No object is written behind the end of the volume."""
    lab.back_up(1)
    os.truncate(lab.path, 100 * KIB)
    lab.back_up(2)
    metadata = json.loads(lab.object(2, "_metadata").read_text())
    next(iter(metadata["objects"][0].values()))["offset"] = VOLUME_BYTES
    lab.object(2, "_metadata").write_text(json.dumps(metadata))
    with pytest.raises(Conflict, match="too small"):
        lab.restored(2)


def test_removing_twice_is_removing(lab: Lab) -> None:
    """A removed backup leaves neither objects nor directories, and the others stay."""
    lab.back_up(1)
    lab.back_up(2)
    for _ in range(2):
        restore.remove(lab.store(), lab.address(1))
    assert not lab.object(1, "_metadata").parent.exists()
    assert lab.restored(2).read_bytes() == lab.path.read_bytes()


def _used(path: Path) -> int:
    return path.stat().st_blocks * 512
