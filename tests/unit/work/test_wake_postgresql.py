"""Wake-ups over PostgreSQL."""

import pytest

from tests.conformance.wakes import BusSuite
from tests.servers import PostgreSql


class TestPostgresWake(BusSuite):
    @pytest.fixture
    def server(self, postgresql: PostgreSql) -> PostgreSql:
        return postgresql

    @pytest.fixture
    def urls(self, postgresql_url: str) -> tuple[str, str]:
        return "", postgresql_url
