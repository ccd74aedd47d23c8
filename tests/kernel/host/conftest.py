"""The services whose volumes are attached: started once, for it takes them longer than most tests."""

from collections.abc import Iterator

import pytest

from tests.kernel.host.service import Service, Volume, chosen_by_up, configured
from tests.kernel.machine import Initiator


@pytest.fixture(scope="package")
def iscsid() -> Iterator[None]:
    with Initiator.started():
        yield


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory, iscsid: None) -> Iterator[Service]:
    """With LVM and LIO, as `lapilli up` picks them, and two portals."""
    with chosen_by_up(tmp_path_factory.mktemp("lvm")) as running:
        yield running


@pytest.fixture(scope="package")
def files(tmp_path_factory: pytest.TempPathFactory, iscsid: None) -> Iterator[Service]:
    """With files, exported by tgt and, over NVMe, by nvmet: volumes of the types `tgt` and `nvme`."""
    with configured(tmp_path_factory.mktemp("files")) as running:
        yield running


@pytest.fixture
def volume(service: Service) -> Iterator[Volume]:
    with service.volume() as made:
        yield made
