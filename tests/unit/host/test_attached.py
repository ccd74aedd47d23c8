"""What is remembered of attachments, and who uses a device."""

from pathlib import Path

import pytest

from lapilli.host import attached, mounts
from lapilli.host.attached import Record
from lapilli.model.errors import Conflict, Malformed, Unavailable
from tests.mounts import tmpfs

ONE = Record("11111111-1111-4111-8111-111111111111", "data", "a1", {"target_iqn": "iqn.2010-10.org:v"}, False)
OTHER = Record("22222222-2222-4222-8222-222222222222", "data", "a2", {}, True, "/dev/dm-3", "/srv")


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "STATE", tmp_path / "attached")
    monkeypatch.setattr(attached, "LOCKS", tmp_path / "locks")


def test_what_is_written_is_found_and_forgotten(tmp_path: Path) -> None:
    """By the volume's id, and by the name that it was called."""
    assert attached.find("data") is None
    attached.forget(ONE.volume)
    attached.write(ONE)
    assert attached.find("data") == attached.find(ONE.volume) == ONE
    assert (tmp_path / "attached").stat().st_mode & 0o777 == 0o700
    attached.write(OTHER)
    with pytest.raises(Conflict, match="2 volumes on this machine are called data: give the id"):
        attached.find("data")
    assert attached.find(OTHER.volume) == OTHER
    attached.forget(ONE.volume)
    assert attached.read_all() == [OTHER]


def test_passwords_are_not_kept() -> None:
    told = {"target_iqn": "iqn", "auth_password": "geheim", "discovery_auth_password": "geheim", "dhchap_key": "geheim"}
    assert attached.without_secrets(told) == {"target_iqn": "iqn"}


def test_one_at_a_time_works_on_a_volume() -> None:
    with attached.held(ONE.volume), pytest.raises(Unavailable, match="only one at a time"), attached.held(ONE.volume):
        pytest.fail("two hold the volume")


def test_a_name_below_dev_is_a_record_only(tmp_path: Path) -> None:
    """As Nova writes it; everything else has to be a directory."""
    assert mounts.directory(None) is None
    assert mounts.directory("/dev/vdb") is None
    assert mounts.directory(str(tmp_path)) == tmp_path.resolve()
    for wrong in (str(tmp_path / "none"), "srv"):
        with pytest.raises(Malformed, match="is not an existing directory"):
            mounts.directory(wrong)


def test_where_something_else_is_mounted_nothing_is(tmp_path: Path) -> None:
    """The blank in the path is written in a way of its own by the kernel."""
    place = tmp_path / "a place"
    place.mkdir()
    with tmpfs(place, "size=1m"), pytest.raises(Conflict, match=r"tmpfs is mounted at .*a place"):
        mounts.mount(Path("/dev/null"), place)


def test_what_is_not_mounted_is_not_unmounted(tmp_path: Path) -> None:
    with tmpfs(tmp_path, "size=1m"):
        mounts.unmount(Path("/dev/null"), tmp_path)
        (tmp_path / "still").touch()
        assert (tmp_path / "still").exists()


def test_a_device_that_is_mounted_is_refused() -> None:
    """With the one that the tests' own files lie on, where it is a device."""
    used = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines() if line.startswith("/dev/")]
    if not used:
        pytest.skip("nothing on a block device is mounted here")
    with pytest.raises(Conflict, match=r"is mounted at .*: unmount it first"):
        mounts.refuse_used([Path(used[0][0])])
