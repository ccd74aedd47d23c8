"""Everybody who reads settings, so that a whole configuration can be judged at once."""

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from lapilli.api.identity.http_basic import HttpBasicSettings
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.policy import PolicySettings
from lapilli.api.settings import HealthSettings, MiddlewareSettings
from lapilli.api.urls import Urls
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.clients.settings import GlanceLogin, GlanceSettings, NovaSettings, ServiceUserSettings
from lapilli.cmd.notify import NotificationSettings, build
from lapilli.cmd.tls import TlsSettings, TlsSwitch, tls_files
from lapilli.drivers import registry as drivers
from lapilli.machine.images.workshop import ConversionSettings
from lapilli.model.errors import LapilliError, Malformed
from lapilli.scheduler.registry import load_filters, load_weighers
from lapilli.scheduler.weighers import SchedulerSettings
from lapilli.settings.backend import BackendSettings
from lapilli.settings.backup import BackupSettings
from lapilli.settings.core import (
    ApiSettings,
    CoreSettings,
    ImageSettings,
    KeyManagerSettings,
    LogSettings,
    PlacementSettings,
    QuotaSettings,
    TransferSettings,
    VolumeSettings,
)
from lapilli.settings.database import DatabaseSettings, sqlalchemy_url
from lapilli.settings.settings import Settings
from lapilli.stores import registry as stores
from lapilli.targets import registry as targets
from lapilli.work.prune import PruneSettings
from lapilli.work.wake import WakeSettings

CONSUMERS: Final[tuple[tuple[type, str], ...]] = (
    (CoreSettings, "DEFAULT"),
    (LogSettings, "DEFAULT"),
    (ApiSettings, "DEFAULT"),
    (VolumeSettings, "DEFAULT"),
    (QuotaSettings, "DEFAULT"),
    (TransferSettings, "DEFAULT"),
    (BackupSettings, "DEFAULT"),
    (PlacementSettings, "DEFAULT"),
    (SchedulerSettings, "DEFAULT"),
    (WakeSettings, "DEFAULT"),
    (PruneSettings, "DEFAULT"),
    (TlsSwitch, "DEFAULT"),
    (TlsSettings, "ssl"),
    (DatabaseSettings, "database"),
    (KeyManagerSettings, "key_manager"),
    (RabbitSettings, "oslo_messaging_rabbit"),
    (NotificationSettings, "oslo_messaging_notifications"),
    (PolicySettings, "oslo_policy"),
    (KeystoneSettings, "keystone_authtoken"),
    (HttpBasicSettings, "oslo_middleware"),
    (ImageSettings, "DEFAULT"),
    (ConversionSettings, "DEFAULT"),
    (GlanceSettings, "DEFAULT"),
    (GlanceLogin, "glance"),
    (NovaSettings, "nova"),
    (ServiceUserSettings, "service_user"),
    (MiddlewareSettings, "oslo_middleware"),
    (HealthSettings, "healthcheck"),
)


def bind_all(settings: Settings) -> list[str]:
    """Bind every consumer, those of the enabled backends included. Returns what is wrong with names of plug-ins."""
    for cls, section in CONSUMERS:
        settings.bind(cls, section)
    of_backends = [problem for name in settings.enabled_backends for problem in _bind_backend(settings, name)]
    return [*of_backends, *_bind_store(settings)]


def _bind_store(settings: Settings) -> Iterator[str]:
    try:
        settings.bind(stores.get(settings.bind(BackupSettings).backup_driver).Settings)
    except LapilliError as error:
        yield f"{_where(settings, 'DEFAULT', 'backup_driver')}: {error}"


def _bind_backend(settings: Settings, name: str) -> Iterator[str]:
    about = settings.backend(name, BackendSettings)
    for option, get in (("volume_driver", drivers.get), ("target_helper", targets.get)):
        try:
            settings.backend(name, get(getattr(about, option)).Settings)
        except LapilliError as error:
            yield f"{_where(settings, name, option)}: {error}"


def problems(settings: Settings) -> list[str]:
    """What is wrong with a configuration, as far as that can be seen without a database or a broker."""
    named = bind_all(settings)
    found = [str(problem) for problem in settings.problems]
    for section, option, look in _LOOKS:
        try:
            look(settings)
        except LapilliError as error:
            found.append(f"{_where(settings, section, option)}: {error}")
    return [*found, *named]


def _look_at_database(settings: Settings) -> None:
    try:
        make_url(sqlalchemy_url(settings.bind(DatabaseSettings, "database").connection)).get_dialect()
    except (ArgumentError, ImportError) as error:
        raise Malformed(
            "connection is not the URL of a database, such as postgresql://user:password@host/cinder"
        ) from error


def _look_at_filters(settings: Settings) -> None:
    load_filters(settings.bind(SchedulerSettings).scheduler_default_filters)


def _look_at_weighers(settings: Settings) -> None:
    ranking = settings.bind(SchedulerSettings)
    load_weighers(ranking.scheduler_default_weighers, ranking)


def _look_at_project_id_regex(settings: Settings) -> None:
    Urls((), settings.bind(ApiSettings).project_id_regex)


def _look_at_tls(settings: Settings) -> None:
    tls_files(settings)


def _look_at_notifications(settings: Settings) -> None:
    build(settings)


_LOOKS: Final[tuple[tuple[str, str, Callable[[Settings], None]], ...]] = (
    ("database", "connection", _look_at_database),
    ("DEFAULT", "scheduler_default_filters", _look_at_filters),
    ("DEFAULT", "scheduler_default_weighers", _look_at_weighers),
    ("DEFAULT", "osapi_volume_use_ssl", _look_at_tls),
    ("oslo_messaging_notifications", "driver", _look_at_notifications),
    ("DEFAULT", "project_id_regex", _look_at_project_id_regex),
)


def _where(settings: Settings, section: str, option: str) -> str:
    """`file:line` of an option that was bound, or its name where it has its default."""
    found = (each.where for each in settings.effective() if each.name == option and each.section == section)
    where = next(found, "default")
    return f"[{section}] {option}" if where == "default" else where
