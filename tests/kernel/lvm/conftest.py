"""Volume groups for the tests of the driver `lvm`."""

from collections.abc import Iterator

import pytest

from tests.kernel.lvm_lab import clear, forget, sparse_group


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A group of two disks of 10 GiB."""
    with sparse_group(tmp_path_factory.mktemp("disks"), size_gib=10, disks=2) as name:
        yield name


@pytest.fixture
def group(storage: str) -> Iterator[str]:
    """The group, with nothing in it, in a process that knows nothing of it."""
    forget(storage)
    yield storage
    clear(storage)
