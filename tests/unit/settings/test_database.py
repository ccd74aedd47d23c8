"""The connection of [database] gets a driver that is installed."""

import pytest
from sqlalchemy import create_engine

from lapilli.settings.database import sqlalchemy_url


@pytest.mark.parametrize(
    ("connection", "dialect", "drivers"),
    [
        ("mysql://cinder:caldera123@controller/cinder", "mysql", {"mysqldb", "pymysql"}),
        ("mysql+pymysql://cinder@controller/cinder?charset=utf8", "mysql", {"pymysql"}),
        ("postgresql://cinder@controller/cinder", "postgresql", {"psycopg"}),
        ("postgresql+psycopg2://cinder@controller/cinder", "postgresql", {"psycopg"}),
        ("sqlite:////tmp/cinder.sqlite", "sqlite", {"pysqlite"}),
    ],
)
def test_the_driver_can_be_loaded(connection: str, dialect: str, drivers: set[str]) -> None:
    """A021: SQLAlchemy makes an engine of the URL, with everything behind the scheme untouched."""
    url = sqlalchemy_url(connection)
    engine = create_engine(url)
    assert (engine.dialect.name, engine.dialect.driver in drivers) == (dialect, True)
    assert url.partition("://")[2] == connection.partition("://")[2]
