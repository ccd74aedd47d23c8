"""Real servers for the tests: each on loopback ports and in a directory of its own, gone when the session ends."""

from tests.servers.mariadb import MariaDb
from tests.servers.postgresql import PostgreSql
from tests.servers.process import ServerMissing
from tests.servers.rabbitmq import RabbitMq

__all__ = ["MariaDb", "PostgreSql", "RabbitMq", "ServerMissing"]
