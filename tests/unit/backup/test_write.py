"""What a backup is made of, and what a second attempt leaves as it is."""

import hashlib
import json
import os
import zlib

import pytest

from lapilli.model.errors import Conflict
from tests.unit.backup.lab import KIB, VOLUME, VOLUME_BYTES, Lab


def test_a_full_backup_is_in_cinders_format(lab: Lab) -> None:
    """Every window is an object, zeros too; the two JSON objects say what Cinder's say."""
    lab.write(10 * KIB, b"text " * 1000)
    assert lab.back_up(1) == 4
    metadata = json.loads(lab.object(1, "_metadata").read_text())
    assert {key: metadata[key] for key in ("version", "backup_name", "volume_id", "created_at", "parent_id")} == {
        "version": "1.0.0",
        "backup_name": "name",
        "volume_id": VOLUME,
        "created_at": "2026-11-20 10:42:13+00:00",
        "parent_id": None,
    }
    first, *_, last = metadata["objects"]
    prefix = lab.address(1).prefix
    bytes_of_first = lab.path.read_bytes()[: 256 * KIB]
    assert first == {
        f"{prefix}-00001": {
            "offset": 0,
            "length": 256 * KIB,
            "compression": "zlib",
            "md5": hashlib.md5(bytes_of_first, usedforsecurity=False).hexdigest(),
        }
    }
    assert last[f"{prefix}-00004"]["length"] == VOLUME_BYTES - 768 * KIB
    assert zlib.decompress(lab.object(1, "-00001").read_bytes()) == bytes_of_first


def test_the_digests_are_those_of_every_block(lab: Lab) -> None:
    """One SHA-256 for each block, with the last one shorter where the volume ends."""
    lab.write(0, os.urandom(VOLUME_BYTES - 300 * KIB))
    lab.back_up(1)
    digests = json.loads(lab.object(1, "_sha256file").read_text())
    whole = lab.path.read_bytes()
    expected = [hashlib.sha256(whole[at : at + 4 * KIB]).hexdigest() for at in range(0, VOLUME_BYTES, 4 * KIB)]
    assert digests["sha256s"] == expected
    assert digests["chunk_size"] == 4 * KIB


def test_what_does_not_shrink_is_stored_as_it_is(lab: Lab) -> None:
    """An object of random bytes has the label `none`, its neighbour of zeros the configured one."""
    noise = os.urandom(256 * KIB)
    lab.write(0, noise)
    lab.back_up(1, label="gzip")
    labels = [facts["compression"] for each in _objects(lab, 1) for facts in each.values()]
    assert labels == ["none", "gzip", "gzip", "gzip"]
    assert lab.object(1, "-00001").read_bytes() == noise


def test_an_incremental_backup_holds_the_runs_that_changed(lab: Lab) -> None:
    """Blocks that changed side by side are one object; a run ends where a window ends."""
    lab.back_up(1)
    lab.write(8 * KIB, b"a" * 8 * KIB)
    lab.write(252 * KIB, b"b" * 8 * KIB)
    assert lab.back_up(2, parent=1) == 3
    places = [(facts["offset"] // KIB, facts["length"] // KIB) for each in _objects(lab, 2) for facts in each.values()]
    assert places == [(8, 8), (252, 4), (256, 4)]
    assert len(json.loads(lab.object(2, "_sha256file").read_text())["sha256s"]) == VOLUME_BYTES // (4 * KIB)


def test_nothing_changed_is_no_object(lab: Lab) -> None:
    """An incremental backup of an unchanged volume has only its two JSON objects."""
    lab.back_up(1)
    assert lab.back_up(2, parent=1) == 0


def test_what_a_volume_has_grown_by_is_new(lab: Lab) -> None:
    """Behind the end of the parent everything is in the incremental backup, zeros too."""
    lab.back_up(1)
    os.truncate(lab.path, VOLUME_BYTES + 24 * KIB)
    assert lab.back_up(2, parent=1) == 1
    ((facts,),) = [list(each.values()) for each in _objects(lab, 2)]
    assert (facts["offset"], facts["length"]) == (VOLUME_BYTES, 24 * KIB)


def test_other_blocks_need_a_full_backup(lab: Lab) -> None:
    """Digests of another block size cannot be compared, and the message says what to do."""
    lab.back_up(1)
    with pytest.raises(Conflict, match="Make a full backup"):
        lab.back_up(2, parent=1, store=lab.store(backup_sha_block_size_bytes=8 * KIB))


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"sha256s": ["ab"], "chunk_size": 4096}', b'{"sha256s": ["zz"]}'])
def test_damaged_digests_are_named(lab: Lab, damage: bytes) -> None:
    """An incremental backup on damaged digests fails with the object's name."""
    lab.back_up(1)
    lab.object(1, "_sha256file").write_bytes(damage)
    with pytest.raises(Conflict, match="_sha256file is damaged"):
        lab.back_up(2, parent=1)


def test_a_second_attempt_leaves_what_is_right(lab: Lab) -> None:
    """After a crash, objects that hold the right bytes are not written again, wrong and superfluous ones are mended."""
    lab.write(0, os.urandom(100 * KIB))
    lab.back_up(1)
    before = lab.object(1, "-00001").stat().st_ino
    whole = {name: lab.object(1, name).read_bytes() for name in ("-00002", "_metadata", "_sha256file")}
    lab.object(1, "_metadata").unlink()
    lab.object(1, "_sha256file").unlink()
    lab.object(1, "-00002").write_bytes(b"wrong")
    lab.object(1, "-00007").write_bytes(b"of another attempt")
    assert lab.back_up(1) == 4
    assert lab.object(1, "-00001").stat().st_ino == before
    assert {name: lab.object(1, name).read_bytes() for name in whole} == whole
    assert not lab.object(1, "-00007").exists()


def test_what_is_complete_is_not_read_again(lab: Lab) -> None:
    """Once its metadata is there, a backup stays as it is, even if the volume has changed."""
    lab.back_up(1)
    before = lab.object(1, "_metadata").read_bytes()
    lab.write(0, b"later")
    assert lab.back_up(1) == 4
    assert lab.object(1, "_metadata").read_bytes() == before


def test_it_can_be_stopped_between_pieces(lab: Lab) -> None:
    """What the check raises ends the work, and the backup is not complete."""
    asked = iter(range(3))

    def stop(_done_bytes: int) -> None:
        if next(asked, None) is None:
            raise KeyError("stop")

    with pytest.raises(KeyError):
        lab.back_up(1, watch=stop)
    assert not lab.object(1, "_metadata").exists()
    assert lab.back_up(1) == 4


def _objects(lab: Lab, number: int) -> list[dict[str, dict[str, int | str]]]:
    objects: list[dict[str, dict[str, int | str]]] = json.loads(lab.object(number, "_metadata").read_text())["objects"]
    return objects
