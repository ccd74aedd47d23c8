"""What may be exported, whatever a caller says, and who may change the kernel's configuration at a time."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import configfs
from lapilli.model.errors import BackendFailed, Malformed


@pytest.fixture
def serving() -> Iterator[None]:
    before = configfs._Served.groups, configfs._Served.prefixes
    yield
    configfs._Served.groups, configfs._Served.prefixes = before


@pytest.mark.parametrize("name", ["iqn.2010-10.org.openstack:volume-1", "eui.0123456789abcdef", "nqn.2014-08.a:uuid:1"])
def test_names_of_the_protocols_are_taken(name: str) -> None:
    """Those of targets, and those of initiators."""
    configfs.check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "volume-1", "iqn.", "iqn.a/b", "iqn.a/../../core", "iqn.a b", "iqn.a\n", "iqn.a..b", "iqn." + "a" * 220],
)
def test_other_names_are_refused(name: str) -> None:
    """A name is a directory's name: none that leads elsewhere."""
    with pytest.raises(Malformed):
        configfs.check_name(name)


def test_what_is_not_there_is_explained(tmp_path: Path) -> None:
    """A missing volume is no mistake of the caller; a directory is."""
    with pytest.raises(BackendFailed, match=str(tmp_path / "gone")):
        configfs.check_source(str(tmp_path / "gone"))
    with pytest.raises(Malformed, match="neither"):
        configfs.check_source(str(tmp_path))
    (tmp_path / "volume").touch()
    configfs.check_source(str(tmp_path / "volume"))


@pytest.mark.parametrize("path", ["volume", "/dev/../etc/shadow", "/dev/a,b", "/dev/a b", "/dev/a\n"])
def test_paths_that_the_kernel_would_read_otherwise_are_refused(path: str) -> None:
    """Its parameters are a list with commas."""
    with pytest.raises(Malformed):
        configfs.check_source(path)


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/dev/sda", "/dev/other/volume-1", "/dev/storage/a/b", "/dev/storage/", "/storage/volume-1"]
)
def test_a_helper_exports_its_groups_only(path: str) -> None:
    """Whoever asks: nothing else of this machine can be read by way of a target."""
    configfs.serve(["storage", "dev"], ["iqn.ours:"])
    with pytest.raises(Malformed, match=r"no volume group that this service serves|no path"):
        configfs.check_source(path)


@pytest.mark.usefixtures("serving")
def test_a_served_volume_that_is_not_there_is_explained() -> None:
    """It passes the check of its group."""
    configfs.serve(["storage"], ["iqn.ours:"])
    with pytest.raises(BackendFailed, match="/dev/storage/volume-1 cannot be exported"):
        configfs.check_source("/dev/storage/volume-1")


@pytest.mark.usefixtures("serving")
def test_a_helper_touches_its_own_targets_only() -> None:
    """Those of another service of the machine are safe, and all of them where it has none of its own."""
    configfs.serve(["storage"], ["iqn.Ours:"])
    configfs.check_target("iqn.ours:volume-1")
    with pytest.raises(Malformed, match="not touched"):
        configfs.check_target("iqn.others:volume-1")
    configfs.serve(["storage"], [])
    with pytest.raises(Malformed, match="not touched"):
        configfs.check_target("iqn.ours:volume-1")


def test_one_at_a_time(tmp_path: Path) -> None:
    """Threads, each with a descriptor of its own, wait for each other, as processes do."""
    inside, most = 0, 0
    gate = threading.Barrier(8)

    def work() -> None:
        nonlocal inside, most
        gate.wait()
        for _ in range(50):
            with configfs.alone(tmp_path):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_kernel_without_targets_is_explained(tmp_path: Path) -> None:
    """There is nothing to lock."""
    with pytest.raises(BackendFailed, match="not loaded"), configfs.alone(tmp_path / "target"):
        pass
