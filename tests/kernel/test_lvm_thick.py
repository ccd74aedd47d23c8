"""Thick logical volumes conform."""

from collections.abc import Iterator

import pytest

from tests.conformance.driver_lab import Check, DriverLab
from tests.conformance.drivers import CHECKS, name_of
from tests.kernel.lvm_lab import empty, make_lab, sparse_group


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sparse_group(tmp_path_factory.mktemp("disks")) as name:
        yield name


@pytest.fixture
def driver_lab(storage: str) -> Iterator[DriverLab]:
    yield make_lab(storage, lvm_type="default")
    empty(storage)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_thick_volumes_conform(check: Check, driver_lab: DriverLab) -> None:
    """Every check of the suite holds."""
    check(driver_lab)
