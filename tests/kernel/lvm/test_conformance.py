"""Thick and thin logical volumes conform."""

from collections.abc import Iterator

import pytest

from tests.conformance import driver_kills, driver_powers
from tests.conformance.driver_lab import Check, DriverLab
from tests.conformance.drivers import CHECKS, name_of
from tests.kernel.lvm_lab import MIB, empty, make_lab, small_gib, sparse_group

KILLS = (*driver_kills.CHECKS, *driver_powers.KILLS)
SMALL_BYTES = 64 * MIB


@pytest.fixture(scope="module", params=["default", "thin"])
def kind(request: pytest.FixtureRequest) -> str:
    """The `lvm_type`."""
    return str(request.param)


@pytest.fixture(scope="module")
def storage(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sparse_group(tmp_path_factory.mktemp("disks")) as name:
        yield name


@pytest.fixture
def driver_lab(storage: str, kind: str) -> Iterator[DriverLab]:
    yield make_lab(storage, lvm_type=kind)
    empty(storage)


@pytest.fixture
def small_lab(storage: str, kind: str) -> Iterator[DriverLab]:
    """Where a copy takes no longer than LVM's programs."""
    with small_gib(SMALL_BYTES):
        yield make_lab(storage, gib_bytes=SMALL_BYTES, lvm_type=kind)
    empty(storage)


@pytest.mark.parametrize("check", [each for each in CHECKS if each not in KILLS], ids=name_of)
def test_logical_volumes_conform(check: Check, driver_lab: DriverLab) -> None:
    """Every check of the suite holds."""
    check(driver_lab)


@pytest.mark.parametrize("check", KILLS, ids=name_of)
def test_logical_volumes_survive_kills(check: Check, small_lab: DriverLab) -> None:
    """Every check of the suite that kills holds."""
    check(small_lab)
