"""Build the clients from the settings. Imports keystoneauth1, so it is imported only where a client is wanted."""

from lapilli.clients.glance import Glance
from lapilli.clients.keystone import Keystone
from lapilli.clients.login import Identities, credentials, session
from lapilli.clients.nova import Nova
from lapilli.clients.remote import Remote
from lapilli.clients.settings import GlanceLogin, GlanceSettings, Login, NovaSettings, ServiceUserSettings
from lapilli.model.errors import Malformed

_SILENCE_S = 60.0
"""How long another service may be silent before it is taken for dead."""


def identities(own: Login, section: str, usual: Login, service_user: ServiceUserSettings) -> Identities:
    """As whom requests go: `own` is the section of one service, `usual` is `[keystone_authtoken]`."""
    vouching = None
    if service_user.send_service_user_token:
        vouching = credentials(service_user, "service_user")
    if own.auth_url:
        return Identities(credentials(own, section), vouching)
    return Identities(credentials(usual, "keystone_authtoken") if usual.auth_url else None, vouching)


def glance(settings: GlanceSettings, own: GlanceLogin, usual: Login, service_user: ServiceUserSettings) -> Glance:
    """The images. Raises `Malformed` for settings that cannot work."""
    service_type, _, rest = settings.glance_catalog_info.partition(":")
    interface = rest.rpartition(":")[2]
    if interface not in {"publicURL", "internalURL", "adminURL"}:
        raise Malformed(f"glance_catalog_info = {settings.glance_catalog_info}: write image:glance:publicURL, or so")
    trust = Login(
        insecure=settings.glance_api_insecure or own.insecure,
        cafile=settings.glance_ca_certificates_file or own.cafile,
        certfile=settings.glance_certfile or own.certfile,
        keyfile=settings.glance_keyfile or own.keyfile,
    )
    remote = Remote(
        "The image service",
        session(trust, settings.glance_request_timeout or _SILENCE_S),
        identities(own, "glance", usual, service_user),
        urls=settings.glance_api_servers,
        version_path="/v2",
        catalog={"service_type": service_type, "interface": interface, "region_name": own.region_name},
        retries=settings.glance_num_retries,
    )
    reads_files = "file" in settings.allowed_direct_url_schemes
    return Glance(remote, retries=settings.glance_num_retries, reads_files=reads_files)


def nova(settings: NovaSettings, usual: Login, service_user: ServiceUserSettings) -> Nova:
    """The servers, where the catalog has a compute service."""
    catalog = {"service_type": "compute", "interface": settings.interface, "region_name": settings.region_name}
    own = identities(settings, "nova", usual, service_user)
    return Nova(Remote("The compute service", session(settings, _SILENCE_S), own, catalog=catalog))


def keystone(usual: Login, interface: str) -> Keystone:
    """The projects, asked of the Keystone that tokens are asked of."""
    catalog = {"service_type": "identity", "interface": interface, "region_name": usual.region_name}
    own = Identities(credentials(usual, "keystone_authtoken"))
    remote = Remote("The identity service", session(usual, _SILENCE_S), own, catalog=catalog, version_path="/v3")
    return Keystone(remote)
