"""Whether changes are told to other services, and how: the drivers of [oslo_messaging_notifications]."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.db.engine import Database
from lapilli.model.errors import Malformed
from lapilli.model.options import option
from lapilli.model.protocols.neighbours import Notifier
from lapilli.operations.send_notifications import LogNotifier, send
from lapilli.settings.settings import Settings
from lapilli.work.duties import Duty
from lapilli.work.wake import WakeSettings

_EVERY_S: Final = 2.0
_SECTION: Final = "oslo_messaging_notifications"
_DRIVERS: Final = {"messagingv2", "messaging", "log", "noop"}


@dataclass(frozen=True)
class NotificationSettings:
    """Of section [oslo_messaging_notifications]."""

    driver: tuple[str, ...] = option(
        (), help="How other services are told of changes: messagingv2, messaging, log, noop. Empty: they are not."
    )
    transport_url: str = option(
        "", secret=True, help="The RabbitMQ that carries notifications; empty for that of [DEFAULT]."
    )
    topics: tuple[str, ...] = option(
        ("notifications",), help="The first words of the queues that notifications go to, as in notifications.info."
    )


def are_wanted(settings: Settings) -> bool:
    """Whether anybody is told."""
    return bool(set(settings.bind(NotificationSettings, _SECTION).driver) - {"noop"})


def duties(settings: Settings, db: Database) -> list[Duty]:
    """The duty that sends, if anybody is told. Raises `Malformed` for a driver that is not known."""
    notifiers = build(settings)
    return [Duty("send notifications", _EVERY_S, partial(send, db, notifiers))] if notifiers else []


def build(settings: Settings) -> list[Notifier]:
    """Those who are told, by the configured drivers."""
    wanted = settings.bind(NotificationSettings, _SECTION)
    unknown = sorted(set(wanted.driver) - _DRIVERS)
    if unknown:
        raise Malformed(f"driver = {', '.join(unknown)}: choose from {', '.join(sorted(_DRIVERS))}")
    brokered = sorted({"messaging", "messagingv2"} & set(wanted.driver))
    logged: list[Notifier] = [LogNotifier()] if "log" in wanted.driver else []
    return [*logged, *(_rabbit(settings, wanted, wraps=driver == "messagingv2") for driver in brokered)]


def _rabbit(settings: Settings, wanted: NotificationSettings, *, wraps: bool) -> Notifier:
    # kombu is loaded only where it is used.
    from lapilli.clients.notifier import RabbitNotifier  # noqa: PLC0415

    bus = settings.bind(WakeSettings)
    url = wanted.transport_url or bus.transport_url
    if not url:
        raise Malformed("driver = messaging needs a transport_url, in [oslo_messaging_notifications] or in [DEFAULT]")
    rabbit = settings.bind(RabbitSettings, "oslo_messaging_rabbit")
    return RabbitNotifier(url, bus.control_exchange, wanted.topics, rabbit, wraps=wraps)
