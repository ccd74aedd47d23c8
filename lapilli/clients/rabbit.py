"""Where RabbitMQ is, and how it is spoken to: what wake-ups and notifications share."""

import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from kombu import Connection

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.errors import Malformed

CONNECT_S = 5.0
# Silence on an established connection while an answer is due.
ANSWER_S = 10.0


def broker(url: str, settings: RabbitSettings, **options: Any) -> Connection:
    """One host, out of `broker_urls`. Nothing is opened yet; `options` are the transport's further ones."""
    return Connection(
        url,
        ssl=_tls(settings),
        heartbeat=settings.heartbeat_timeout_threshold,
        connect_timeout=CONNECT_S,
        transport_options={"read_timeout": ANSWER_S, "write_timeout": ANSWER_S, **options},
    )


def broker_urls(transport_url: str) -> Sequence[str]:
    """Each host as kombu wants it, out of `rabbit://user:password@host:port,user:password@host:port/vhost`."""
    scheme, _, rest = transport_url.partition("://")
    if scheme not in {"rabbit", "amqp"}:
        # The value is not shown, for it holds a password.
        raise Malformed("transport_url must be rabbit://user:password@host:port/vhost; only RabbitMQ is spoken to.")
    places, _, path = rest.partition("?")[0].partition("/")
    vhost = quote(unquote(path) or "/", safe="")
    return [f"pyamqp://{place}/{vhost}" for place in places.split(",")]


def _tls(settings: RabbitSettings) -> Mapping[str, Any] | bool:
    if not settings.ssl:
        return False
    return {
        "ca_certs": settings.ssl_ca_file or None,
        "certfile": settings.ssl_cert_file or None,
        "keyfile": settings.ssl_key_file or None,
        "cert_reqs": ssl.CERT_REQUIRED if settings.ssl_ca_file else ssl.CERT_NONE,
    }
