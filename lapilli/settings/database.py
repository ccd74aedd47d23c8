"""[database]: where the rows are, and with which driver SQLAlchemy reaches them."""

import importlib.util
from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class DatabaseSettings:
    """The options of [database]."""

    connection: str = option("sqlite:///$state_path/cinder.sqlite", help="URL of the database.")
    max_pool_size: int = option(5, low=1, help="Connections that stay open.")
    max_overflow: int = option(50, low=-1, help="Connections beyond these while they are needed; -1 has no limit.")
    max_retries: int = option(10, low=-1, help="Attempts to connect at start before giving up; -1 never gives up.")
    retry_interval: int = option(10, low=0, help="Seconds between these attempts.")
    connection_recycle_time: int = option(3600, low=-1, help="Seconds after which a connection is replaced; -1 never.")


def sqlalchemy_url(connection: str) -> str:
    """The connection with a driver that is here: mysqlclient if installed or else PyMySQL, and psycopg 3."""
    scheme, separator, rest = connection.partition("://")
    mysql = "mysql+mysqldb" if importlib.util.find_spec("MySQLdb") else "mysql+pymysql"
    drivers = {
        "mysql": mysql,
        "mariadb": mysql,
        "mysql+mysqldb": mysql,
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "postgresql+psycopg2": "postgresql+psycopg",
    }
    return f"{drivers.get(scheme, scheme)}{separator}{rest}"
