"""Files are complete and on disk, or not there; what is wrong is told with what to do."""

import errno
import os
import threading
from pathlib import Path

import pytest

from lapilli.machine import files
from lapilli.model.errors import BackendFailed
from tests import mounts


def write(text: str) -> files.Fill:
    def fill(descriptor: int) -> None:
        with open(descriptor, "w", closefd=False) as file:
            file.write(text)

    return fill


def names(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir()]


def test_a_made_file_has_its_bytes_and_no_leftover(tmp_path: Path) -> None:
    """The file is there under its name alone, readable for its owner only."""
    files.make(tmp_path / "a", write("new"))
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a"]


def test_a_file_that_exists_stays(tmp_path: Path) -> None:
    """Making it again neither fills nor changes it."""
    files.make(tmp_path / "a", write("old"))
    files.make(tmp_path / "a", write("new"))
    assert (tmp_path / "a").read_text() == "old"


def test_a_half_made_file_is_made_anew(tmp_path: Path) -> None:
    """What a crash left, even if it is longer, is not in the file."""
    (tmp_path / ".a.partial").write_text("half of something long")
    files.make(tmp_path / "a", write("new"))
    assert (tmp_path / "a").read_text() == "new"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), BackendFailed("no"), KeyboardInterrupt()])
def test_a_failed_filling_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    """Neither the file nor its half stays, and the error is an answer unless it is no fault of the disk."""

    def fill(descriptor: int) -> None:
        os.write(descriptor, b"half")
        raise error

    with pytest.raises((BackendFailed, KeyboardInterrupt)):
        files.make(tmp_path / "a", fill)
    assert names(tmp_path) == []


def test_a_full_file_system_is_told(tmp_path: Path) -> None:
    """The message says that there is no space and what to do; nothing stays."""
    with mounts.tmpfs(tmp_path, "size=1m"):
        with pytest.raises(BackendFailed, match=r"No space left on device\. Free some space"):
            files.make(tmp_path / "a", write("x" * 2**21))
        assert names(tmp_path) == []


def test_two_makers_at_once_make_one_file(tmp_path: Path) -> None:
    """The second waits for the first and then finds the file complete."""
    filling, go_on = threading.Event(), threading.Event()

    def slowly(descriptor: int) -> None:
        os.write(descriptor, b"first ")
        filling.set()
        assert go_on.wait(10)
        os.write(descriptor, b"half")

    first = threading.Thread(target=files.make, args=(tmp_path / "a", slowly))
    second = threading.Thread(target=files.make, args=(tmp_path / "a", write("second")))
    first.start()
    assert filling.wait(10)
    second.start()
    second.join(0.05)
    assert second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)
    assert (tmp_path / "a").read_text() == "first half"
    assert names(tmp_path) == ["a"]


def test_removing_waits_for_the_maker(tmp_path: Path) -> None:
    """A file that is removed while it is being made does not come back."""
    filling, go_on = threading.Event(), threading.Event()

    def slowly(_descriptor: int) -> None:
        filling.set()
        assert go_on.wait(10)

    maker = threading.Thread(target=files.make, args=(tmp_path / "a", slowly))
    remover = threading.Thread(target=files.remove, args=(tmp_path / "a",))
    maker.start()
    assert filling.wait(10)
    remover.start()
    remover.join(0.05)
    assert remover.is_alive()
    go_on.set()
    maker.join(10)
    remover.join(10)
    assert names(tmp_path) == []


def test_removing_takes_halves_along(tmp_path: Path) -> None:
    """File and half-made file go; a second removal says nothing."""
    (tmp_path / "a").touch()
    (tmp_path / ".a.partial").touch()
    for _ in range(2):
        files.remove(tmp_path / "a")
        assert names(tmp_path) == []


def test_growing_never_shrinks(tmp_path: Path) -> None:
    """A file gets at least the size asked for and keeps its bytes."""
    files.make(tmp_path / "a", write("bytes"))
    for size_bytes, then in ((100, 100), (50, 100), (0, 100), (101, 101)):
        files.grow(tmp_path / "a", size_bytes)
        assert (tmp_path / "a").stat().st_size == then
    assert (tmp_path / "a").read_bytes() == b"bytes" + bytes(96)


def test_faults_are_told_with_what_to_do(tmp_path: Path) -> None:
    """A missing file, a missing directory and a size beyond the file system are answers."""
    with pytest.raises(BackendFailed, match=rf"{tmp_path}/a: No such file or directory\. Look whether"):
        files.grow(tmp_path / "a", 1)
    with pytest.raises(BackendFailed, match=r"none/\.a\.partial: No such file or directory"):
        files.make(tmp_path / "none" / "a", write(""))
    with pytest.raises(BackendFailed, match="The file system holds no file of this size"):
        files.make(tmp_path / "a", lambda descriptor: os.ftruncate(descriptor, 2**63 - 1))
    assert names(tmp_path) == []
