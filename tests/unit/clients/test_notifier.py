"""Notifications over a real RabbitMQ."""

import json
from typing import Any

import pytest
from kombu import Connection

from lapilli.clients.notifier import RabbitNotifier
from lapilli.clients.rabbit import broker_urls
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.errors import Unavailable
from tests.servers import RabbitMq
from tests.servers.process import free_port

_MESSAGE = {
    "message_id": "m",
    "publisher_id": "volume.node@files",
    "event_type": "volume.create.end",
    "priority": "ERROR",
    "payload": {"a": 1},
    "timestamp": "2026-11-20 10:00:00.000000",
}


def taken(url: str, queue: str) -> Any:
    """The body of the one message of a queue."""
    with Connection(broker_urls(url)[0]) as connection, connection.channel() as channel:
        message = channel.basic_get(queue, no_ack=True)
        assert channel.basic_get(queue, no_ack=True) is None
        return json.loads(message.body)


def test_each_topic_gets_the_message(amqp_url: str) -> None:
    """In the queue of its priority, wrapped as the second form of the envelope says."""
    notifier = RabbitNotifier(amqp_url, "openstack", ("notifications", "billing"), RabbitSettings(), wraps=True)
    notifier.send([_MESSAGE])
    notifier.close()
    for queue in ("notifications.error", "billing.error"):
        body = taken(amqp_url, queue)
        assert body["oslo.version"] == "2.0"
        inner = json.loads(body["oslo.message"])
        assert inner.pop("_unique_id")
        assert inner == _MESSAGE


def test_the_first_form_is_bare(amqp_url: str) -> None:
    """Durable, where the operator wants it."""
    settings = RabbitSettings(amqp_durable_queues=True)
    notifier = RabbitNotifier(amqp_url, "cinder", ("notifications",), settings, wraps=False)
    notifier.send([_MESSAGE])
    notifier.close()
    assert taken(amqp_url, "notifications.error")["event_type"] == "volume.create.end"


def test_a_broker_that_is_away(rabbitmq: RabbitMq, amqp_url: str) -> None:
    """Is said to be, and the next host is tried with the next send."""
    gone = amqp_url.replace(str(rabbitmq.port), str(free_port()))
    scheme, _, rest = amqp_url.partition("://")
    both = f"{gone.rpartition('/')[0]},{rest}"
    notifier = RabbitNotifier(both, "openstack", ("notifications",), RabbitSettings(), wraps=True)
    with pytest.raises(Unavailable, match="cannot be sent to RabbitMQ"):
        notifier.send([_MESSAGE])
    notifier.send([_MESSAGE])
    notifier.close()
    assert scheme == "rabbit"
    assert taken(amqp_url, "notifications.error")
