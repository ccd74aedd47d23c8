"""Thick and thin logical volumes conform."""

from collections.abc import Iterator

import pytest

from tests.conformance.driver_lab import Check, DriverLab
from tests.conformance.drivers import CHECKS, name_of
from tests.kernel.lvm_lab import empty, make_lab, sparse_group


@pytest.fixture(scope="module", params=["default", "thin"])
def lab_of_a_kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriverLab]:
    with sparse_group(tmp_path_factory.mktemp("disks")) as group:
        yield make_lab(group, lvm_type=request.param)


@pytest.fixture
def driver_lab(lab_of_a_kind: DriverLab) -> Iterator[DriverLab]:
    yield lab_of_a_kind
    empty("storage")


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_logical_volumes_conform(check: Check, driver_lab: DriverLab) -> None:
    """Every check of the suite holds."""
    check(driver_lab)
