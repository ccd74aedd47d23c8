"""The settings of wake-ups, apart from the buses so that reading them loads no client library."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class WakeSettings:
    """Of section [DEFAULT]."""

    transport_url: str = option(
        "",
        secret=True,
        help="RabbitMQ as rabbit://user:password@host:port/vhost, more hosts after commas. "
        "Empty: PostgreSQL carries wake-ups if it is the database; otherwise other processes find work by polling.",
    )
    control_exchange: str = option(
        "openstack", help="The name before '.wake' in RabbitMQ; different services on one vhost need different ones."
    )
