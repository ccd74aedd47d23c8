"""What the database servers share: an empty database for each test."""

import itertools
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.servers.process import Server


class DatabaseServer(Server):
    """`url` leads to a database for administration, with all rights."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)

    def create_database(self) -> str:
        """Make an empty database and return its URL. Starts the server if a test has left it down."""
        self.start()
        name = f"test{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name}")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Delete a database that `create_database` has made, whoever is connected."""
        self.start()
        name = make_url(url).database
        assert name
        self._drop(name)

    def answers(self) -> bool:
        try:
            self._administer("SELECT 1")
        except OperationalError:
            return False
        return True

    @abstractmethod
    def _drop(self, name: str) -> None:
        """Delete the database and end the sessions that use it: a failed test leaves them open, with locks."""

    def _administer(self, statement: str) -> Sequence[Any]:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return [row[0] for row in result] if result.returns_rows else []
