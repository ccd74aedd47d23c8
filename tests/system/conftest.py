"""One `lapilli up` for all tests that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.system.identity_cloud import IdentityCloud, identity_cloud
from tests.system.image_cloud import ImageCloud, image_cloud
from tests.system.service import Service, served

pytest.register_assert_rewrite("tests.system.walk")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service with one backend, without identity service."""
    with served(tmp_path_factory.mktemp("service")) as one:
        yield one


@pytest.fixture(scope="session")
def images() -> Iterator[ImageCloud]:
    """A real Keystone and a real Glance."""
    with image_cloud() as one:
        yield one


@pytest.fixture(scope="session")
def cloud() -> Iterator[IdentityCloud]:
    """A real Keystone with users of every role."""
    with identity_cloud() as one:
        yield one
