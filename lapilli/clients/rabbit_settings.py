"""The settings of RabbitMQ, apart from its client so that reading them loads no library."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class RabbitSettings:
    """Of section [oslo_messaging_rabbit]."""

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
    amqp_durable_queues: bool = option(
        False, help="Whether the exchange and the queues of notifications outlive a restart of the broker."
    )
    heartbeat_timeout_threshold: int = option(
        60, low=0, help="Seconds of silence after which broker and service give each other up; 0 for never."
    )
