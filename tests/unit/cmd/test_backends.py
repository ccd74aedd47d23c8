"""A backend's health, as its duties find and tell it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapilli.cmd.backends import Backend
from lapilli.db import migrate
from lapilli.db.engine import Database
from tests.unit.operations.lab import Beforehand, Lab, fail


class WithDaemon(Beforehand):
    """A target that can lose its exports."""

    def ensure(self) -> None:
        """Its daemon runs."""

    def generation(self) -> str:
        return "first"

    def stop(self) -> None:
        """It ends."""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    url = f"sqlite:///{tmp_path / 'lapilli.sqlite'}"
    migrate.upgrade(url)
    with closing(Database(url)) as db:
        yield Lab(db, tmp_path)


def test_without_its_exports_it_is_not_up(lab: Lab) -> None:
    """That its pools can be told does not make it ready: hosts still lack what they had."""
    lab.attach(lab.create())
    target: Any = WithDaemon(lab.first.memory)
    target.before["export"] = fail
    lab.first.memory.granted.clear()
    backend = Backend(replace(lab.first.desk, target=target), "nova", {})
    for _ in range(2):
        backend.look_after()
        backend.report()
        assert backend.trouble is not None
        assert "the disk is gone" in backend.trouble
    del target.before["export"]
    backend.look_after()
    assert backend.trouble is None
    assert len(lab.first.granted()) == 1
