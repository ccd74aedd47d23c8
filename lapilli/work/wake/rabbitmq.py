"""Wake over RabbitMQ: a fanout exchange, and in each process a queue that goes with its connection.

One message carries every topic of a burst. A broker that forgets everything costs nothing but a poll interval, so
nothing here is durable.
"""

import itertools
import uuid
from collections.abc import Collection
from contextlib import suppress

from kombu import Consumer, Exchange, Message, Producer, Queue

from lapilli.clients.rabbit import broker, broker_urls
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.work.wake.bus import BusWake

# A wake-up older than a poll interval tells nobody anything new.
MESSAGE_LIFE_S = 10.0
QUEUE_LENGTH = 1000


class RabbitLink:
    """One connection: publishes rings, and consumes those of the other processes."""

    def __init__(self, url: str, exchange: str, settings: RabbitSettings) -> None:
        self.tick_s = settings.heartbeat_timeout_threshold / 4 or None
        self._id = uuid.uuid4().hex
        self._heard: set[str] = set()
        place = broker(url, settings)
        # Not `place.connect()`: that connects again behind our back, and such a connection hears nothing.
        self._connection = place.transport.establish_connection()
        try:
            self._subscribe(Exchange(exchange, type="fanout", durable=False))
        except BaseException:
            self.close()
            raise

    def fileno(self) -> int:
        return int(self._connection.sock.fileno())

    def send(self, topics: Collection[str]) -> None:
        self._producer.publish(
            "\n".join(topics).encode(),
            content_type="application/octet-stream",
            content_encoding="binary",
            delivery_mode="transient",
            expiration=MESSAGE_LIFE_S,
            correlation_id=self._id,
        )

    def receive(self) -> Collection[str]:
        with suppress(TimeoutError):
            while True:
                self._connection.drain_events(timeout=0)
        heard, self._heard = self._heard, set()
        return heard

    def tick(self) -> None:
        self._connection.heartbeat_tick()

    def close(self) -> None:
        # Closing in order asks the broker, and this is also called when the broker is gone.
        with suppress(Exception):
            self._connection.close()

    def _subscribe(self, exchange: Exchange) -> None:
        channel = self._connection.channel()
        queue = Queue(f"{exchange.name}.{self._id}", exchange, durable=False, exclusive=True, max_length=QUEUE_LENGTH)
        Consumer(channel, [queue], no_ack=True, on_message=self._hear).consume()
        self._producer = Producer(channel, exchange, auto_declare=False)

    def _hear(self, message: Message) -> None:
        # The fanout comes back to its sender, whose own listeners have heard it already.
        if message.properties.get("correlation_id") != self._id:
            self._heard.update(bytes(message.body).decode(errors="replace").split("\n"))


def rabbit_wake(transport_url: str, exchange: str, settings: RabbitSettings) -> BusWake:
    """Wake-ups between all processes that use this exchange; of several hosts, the next one takes over."""
    urls = broker_urls(transport_url)
    places = ", ".join(url.rpartition("@")[2] for url in urls)
    turns = itertools.cycle(urls)
    return BusWake(f"RabbitMQ at {places}", lambda: RabbitLink(next(turns), exchange, settings))
