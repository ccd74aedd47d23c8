"""The `posix` store conforms, and the suite notices stores that do not."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from lapilli.model.protocols.backups import BackupStore
from lapilli.stores.posix import PosixSettings, PosixStore
from tests.conformance import stores
from tests.conformance.store_lab import Check, StoreLab
from tests.conformance.stores import CHECKS, name_of


def make_lab(directory: Path, kind: type[PosixStore] = PosixStore) -> StoreLab:
    settings = PosixSettings(backup_posix_path=str(directory))
    kind(settings).check()
    return StoreLab(
        start=lambda: kind(settings),
        stored=lambda: {name for _folder, _folders, names in os.walk(directory) for name in names},
    )


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_posix_store_conforms(check: Check, tmp_path: Path) -> None:
    """Every check of the suite holds."""
    check(make_lab(tmp_path / "backup"))


class WritesInPlace(PosixStore):
    """An object has its name before it is complete."""

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        path = self._path(container, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for piece in pieces:
            os.write(descriptor, piece)
        os.close(descriptor)


class KeepsTheFirst(PosixStore):
    """A second put of a name does nothing."""

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        if name not in self.names(container, name):
            super().put(container, name, pieces)


class MissesTheMissing(PosixStore):
    """Reads nothing from what is not there."""

    def get(self, container: str, name: str) -> Iterator[bytes]:
        return super().get(container, name) if self.names(container, name) else iter(())


class ForgetsHalves(PosixStore):
    """Deletes what is complete, and not what a crash left."""

    def delete_all(self, container: str, prefix: str) -> None:
        for name in self.names(container, prefix):
            self.delete(container, name)


class ListsAsItComes(PosixStore):
    """Lists whatever lies there."""

    def names(self, container: str, prefix: str) -> Sequence[str]:
        return sorted(super().names(container, prefix[:1]))


class TrustsNames(PosixStore):
    """Takes any path."""

    def _path(self, container: str, name: str) -> Path:
        return self._root / container.strip("/") / name.replace("\0", "")


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (WritesInPlace, stores.putting_survives_kills),
        (WritesInPlace, stores.a_put_that_fails_leaves_nothing),
        (KeepsTheFirst, stores.an_object_is_replaced),
        (MissesTheMissing, stores.a_missing_object_is_named),
        (ForgetsHalves, stores.what_was_half_put_can_be_deleted),
        (ListsAsItComes, stores.names_are_sorted_and_begin_with_the_prefix),
        (TrustsNames, stores.strange_names_are_refused),
    ],
)
def test_the_suite_notices_a_broken_store(kind: type[PosixStore], check: Check, tmp_path: Path) -> None:
    """Each wrong store fails the check that is there for its fault."""
    with pytest.raises((AssertionError, OSError, pytest.fail.Exception)):
        check(make_lab(tmp_path / "backup", kind))


def test_the_store_fulfils_the_protocol(tmp_path: Path) -> None:
    """The type checker reads this one: the class is what the contract describes."""
    start: Callable[[PosixSettings], BackupStore] = PosixStore
    assert start(PosixSettings(str(tmp_path))).kind.endswith("PosixBackupDriver")
