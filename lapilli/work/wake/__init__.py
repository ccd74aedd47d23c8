"""Wake-ups: whoever commits work rings, whoever waits for work looks at once instead of at its next poll.

In one process `LocalWake` does it; between processes RabbitMQ or PostgreSQL carries the rings.
"""

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.protocols.work import Wake
from lapilli.work.wake.local import LocalWake
from lapilli.work.wake.settings import WakeSettings

__all__ = ["LocalWake", "WakeSettings", "open_wake"]


def open_wake(wake: WakeSettings, rabbit: RabbitSettings, database_url: str) -> Wake:
    """The wake that the settings ask for. A bus that is away now is no error: it is used when it comes.

    Raises `Malformed` for a `transport_url` of an unknown kind. Call it after forking, and `close` the wake at the end.
    """
    # A bus's client library is loaded only where that bus is used.
    if wake.transport_url:
        from lapilli.work.wake.rabbitmq import rabbit_wake  # noqa: PLC0415

        return rabbit_wake(wake.transport_url, f"{wake.control_exchange}.wake", rabbit)
    if database_url.startswith("postgresql"):
        from lapilli.work.wake.postgresql import postgres_wake  # noqa: PLC0415

        return postgres_wake(database_url)
    return LocalWake()
