"""One `lapilli up` for all tests that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.system.service import Service, served


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service with one backend, without identity service."""
    with served(tmp_path_factory.mktemp("service")) as one:
        yield one
