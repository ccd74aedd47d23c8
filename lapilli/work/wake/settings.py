"""The settings of wake-ups, apart from the buses so that reading them loads no client library."""

from dataclasses import dataclass
from urllib.parse import quote

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


@dataclass(frozen=True)
class RabbitSettings:
    """Of section [oslo_messaging_rabbit]. `rabbit_host` and its kin are for files that have no `transport_url`."""

    ssl: bool = option(False, help="Connect over TLS.", legacy=("rabbit_use_ssl", "DEFAULT/rabbit_use_ssl"))
    ssl_ca_file: str = option(
        "",
        help="Certificates of the authorities that vouch for the broker. Empty: encrypted, but not verified.",
        legacy=("kombu_ssl_ca_certs", "DEFAULT/kombu_ssl_ca_certs"),
    )
    ssl_cert_file: str = option(
        "",
        help="This service's certificate, if the broker asks for one.",
        legacy=("kombu_ssl_certfile", "DEFAULT/kombu_ssl_certfile"),
    )
    ssl_key_file: str = option(
        "",
        help="The key of `ssl_cert_file`.",
        legacy=("kombu_ssl_keyfile", "DEFAULT/kombu_ssl_keyfile"),
    )
    heartbeat_timeout_threshold: int = option(
        60, low=0, help="Seconds of silence after which broker and service give each other up; 0 for never."
    )
    rabbit_host: str = option("", help="Host of the broker.", legacy=("DEFAULT/rabbit_host",))
    rabbit_port: int = option(5672, low=1, high=65535, help="Port of the broker.", legacy=("DEFAULT/rabbit_port",))
    rabbit_userid: str = option("guest", help="User at the broker.", legacy=("DEFAULT/rabbit_userid",))
    rabbit_password: str = option(
        "guest", secret=True, help="Password at the broker.", legacy=("DEFAULT/rabbit_password",)
    )
    rabbit_virtual_host: str = option("/", help="Virtual host at the broker.", legacy=("DEFAULT/rabbit_virtual_host",))


def effective_transport_url(wake: WakeSettings, rabbit: RabbitSettings) -> str:
    """`transport_url`, or the one that `rabbit_host` and its kin amount to; empty if there is no broker."""
    if wake.transport_url or not rabbit.rabbit_host:
        return wake.transport_url
    user, password = quote(rabbit.rabbit_userid, safe=""), quote(rabbit.rabbit_password, safe="")
    vhost = quote(rabbit.rabbit_virtual_host.removeprefix("/"), safe="")
    return f"rabbit://{user}:{password}@{rabbit.rabbit_host}:{rabbit.rabbit_port}/{vhost}"
