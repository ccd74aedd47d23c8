"""What the database servers share: an empty database for each test."""

import itertools

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.servers.process import Server


class DatabaseServer(Server):
    """`url` leads to a database for administration, with all rights."""

    drop_statement: str

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
        self._administer(self.drop_statement.format(make_url(url).database))

    def answers(self) -> bool:
        try:
            self._administer("SELECT 1")
        except OperationalError:
            return False
        return True

    def _administer(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))
