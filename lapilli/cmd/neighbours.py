"""The clients of other OpenStack services, as far as the settings name any."""

from lapilli.api.identity.settings import KeystoneSettings
from lapilli.clients.settings import GlanceLogin, GlanceSettings, NovaSettings, ServiceUserSettings
from lapilli.model.protocols.neighbours import Images, Projects, Servers
from lapilli.settings.core import ApiSettings
from lapilli.settings.settings import Settings


def images(settings: Settings) -> Images | None:
    """Glance. Without Keystone it must have a URL, for there is no catalog."""
    where = settings.bind(GlanceSettings)
    own = settings.bind(GlanceLogin, "glance")
    usual, service_user = _usual(settings), settings.bind(ServiceUserSettings, "service_user")
    if not (where.glance_api_servers or own.auth_url or _has_keystone(settings)):
        return None
    from lapilli.clients import connect  # noqa: PLC0415 - Keystone's library takes a moment that others need not pay

    return connect.glance(where, own, usual, service_user)


def servers(settings: Settings) -> Servers | None:
    """Nova, as [nova] or the catalog has it. Without Keystone and without [nova] there is none that could be asked."""
    own = settings.bind(NovaSettings, "nova")
    usual, service_user = _usual(settings), settings.bind(ServiceUserSettings, "service_user")
    if not (own.auth_url or _has_keystone(settings)):
        return None
    from lapilli.clients import connect  # noqa: PLC0415 - as above

    return connect.nova(own, usual, service_user)


def projects(settings: Settings) -> Projects | None:
    """Keystone; where it does not say who asks, it is not asked for projects either."""
    if not _has_keystone(settings):
        return None
    from lapilli.clients import connect  # noqa: PLC0415 - as above

    usual = _usual(settings)
    return connect.keystone(usual, usual.interface)


def _usual(settings: Settings) -> KeystoneSettings:
    return settings.bind(KeystoneSettings, "keystone_authtoken")


def _has_keystone(settings: Settings) -> bool:
    return settings.bind(ApiSettings).auth_strategy == "keystone"
