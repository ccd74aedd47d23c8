"""Send notifications over RabbitMQ, in the envelope that oslo.messaging's listeners open."""

import itertools
import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kombu import Connection, Exchange, Producer, Queue
from kombu.exceptions import OperationalError

from lapilli.clients.rabbit import broker, broker_urls
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.errors import Unavailable


class RabbitNotifier:
    """Publishes to a topic exchange, and to queues of its own making, so that nothing is lost before anyone listens.

    `topics` are the first words of the queues, as in `notifications.info`. With `wraps`, messages are in the second
    form of the envelope (`messagingv2`). It belongs to one thread.
    """

    def __init__(
        self, transport_url: str, exchange: str, topics: Sequence[str], settings: RabbitSettings, *, wraps: bool
    ) -> None:
        self._urls = itertools.cycle(broker_urls(transport_url))
        self._exchange = Exchange(exchange, type="topic", durable=settings.amqp_durable_queues)
        self._topics = topics
        self._settings = settings
        self._wraps = wraps
        self._producer: Producer | None = None

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Publish, and return when the broker has confirmed each; raises `Unavailable` if it is away."""
        try:
            if self._producer is None:
                self._producer = Producer(self._connect().channel(), self._exchange)
            for message in messages:
                for topic in self._topics:
                    self._publish(self._producer, f"{topic}.{message['priority'].lower()}", message)
        except (OSError, OperationalError, *Connection("pyamqp://").connection_errors) as error:
            self.close()
            raise Unavailable(f"Notifications cannot be sent to RabbitMQ: {error}") from error

    def close(self) -> None:
        """Give up the connection; the next `send` opens another, to the next host."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):  # it may be the broken one
                producer.connection.close()

    def _connect(self) -> Connection:
        return broker(next(self._urls), self._settings, confirm_publish=True)

    def _publish(self, producer: Producer, queue: str, message: Mapping[str, Any]) -> None:
        body = {**message, "_unique_id": uuid.uuid4().hex}
        if self._wraps:
            body = {"oslo.version": "2.0", "oslo.message": json.dumps(body)}
        kept = Queue(queue, self._exchange, routing_key=queue, durable=self._settings.amqp_durable_queues)
        producer.publish(
            json.dumps(body).encode(),
            routing_key=queue,
            declare=[kept],
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode="persistent" if self._settings.amqp_durable_queues else "transient",
        )
