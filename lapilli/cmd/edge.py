"""Build the API from the settings."""

import logging
from pathlib import Path

from lapilli.api.application import Application
from lapilli.api.identity import Identity
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.policy import Policy, PolicySettings
from lapilli.api.request import Surroundings
from lapilli.api.routes import ROUTES
from lapilli.api.settings import HealthSettings, MiddlewareSettings
from lapilli.api.urls import Urls
from lapilli.cmd import neighbours
from lapilli.db.engine import Database
from lapilli.model.protocols.work import Wake
from lapilli.model.values import FIXED_KEY_ID
from lapilli.operations.admission import Rules
from lapilli.settings.core import (
    ApiSettings,
    CoreSettings,
    ImageSettings,
    KeyManagerSettings,
    QuotaSettings,
    TransferSettings,
    VolumeSettings,
)
from lapilli.settings.settings import Settings
from lapilli.work.prune import PruneSettings

_log = logging.getLogger(__name__)

_ANY_PROJECT = r"[\w.\-]+"
"""Without an identity service, projects are called as people like."""


def build(settings: Settings, db: Database, wake: Wake, config_path: Path | None) -> Application:
    """The WSGI application. Mistakes wait in the settings for their `check`."""
    api = settings.bind(ApiSettings)
    loaded = policy(settings, config_path)
    for notice in loaded.notices:
        _log.warning("%s", notice)
    around = _surroundings(settings, db, wake, loaded)
    is_open = api.auth_strategy.startswith("noauth")
    urls = Urls(ROUTES, _ANY_PROJECT if is_open else api.project_id_regex)
    return Application(around, _identity(settings, api.auth_strategy), ROUTES, urls)


def _surroundings(settings: Settings, db: Database, wake: Wake, loaded: Policy) -> Surroundings:
    api, core = settings.bind(ApiSettings), settings.bind(CoreSettings)
    keystone = settings.bind(KeystoneSettings, "keystone_authtoken")
    middleware = settings.bind(MiddlewareSettings, "oslo_middleware")
    health = settings.bind(HealthSettings, "healthcheck")
    return Surroundings(
        db=db,
        wake=wake,
        policy=loaded,
        rules=rules(settings),
        max_limit=api.osapi_max_limit,
        public_endpoint=api.public_endpoint,
        max_body_bytes=middleware.max_request_body_size,
        believes_proxies=middleware.enable_proxy_headers_parsing,
        disabled_by=Path(health.disable_by_file_path) if health.disable_by_file_path else None,
        service_down_time_s=core.service_down_time,
        host=core.host,
        images=neighbours.images(settings),
        servers=neighbours.servers(settings),
        projects=neighbours.projects(settings),
        service_roles=frozenset(keystone.service_token_roles),
        message_ttl_s=settings.bind(PruneSettings).message_ttl,
    )


def policy(settings: Settings, config_path: Path | None) -> Policy:
    """The rules, with the operator's files over them; `Malformed` with every mistake of these."""
    files = settings.bind(PolicySettings, "oslo_policy")
    folder = config_path.parent if config_path else Path(settings.bind(CoreSettings).state_path)
    return Policy.load(
        folder / files.policy_file,
        [folder / each for each in files.policy_dirs],
        enforce_new_defaults=files.enforce_new_defaults,
    )


def rules(settings: Settings) -> Rules:
    """What is admitted, as the operator set it."""
    quota, volume = settings.bind(QuotaSettings), settings.bind(VolumeSettings)
    transfer, image = settings.bind(TransferSettings), settings.bind(ImageSettings)
    return Rules(
        service_down_time_s=settings.bind(CoreSettings).service_down_time,
        quota={
            "volumes": quota.quota_volumes,
            "snapshots": quota.quota_snapshots,
            "gigabytes": quota.quota_gigabytes,
            "backups": quota.quota_backups,
            "backup_gigabytes": quota.quota_backup_gigabytes,
            "groups": quota.quota_groups,
            "per_volume_gigabytes": quota.per_volume_size_limit,
        },
        snapshots_use_gigabytes=not quota.no_snapshot_gb_quota,
        default_volume_type=volume.default_volume_type,
        default_group_type=volume.default_group_type,
        encryption_key_id=_encryption_key_id(settings),
        default_availability_zone=volume.default_availability_zone,
        falls_back_to_default_zone=volume.allow_availability_zone_fallback,
        volume_name_template=volume.volume_name_template,
        snapshot_name_template=volume.snapshot_name_template,
        uploads_in_use=image.enable_force_upload,
        compresses_images=image.allow_compression_on_image_upload,
        refuses_signed_images=image.verify_glance_signatures == "enabled",
        reserved_image_namespaces=image.reserved_image_namespaces,
        transfer_key_length=transfer.volume_transfer_key_length,
        transfer_salt_length=transfer.volume_transfer_salt_length,
    )


def _encryption_key_id(settings: Settings) -> str | None:
    keys = settings.bind(KeyManagerSettings, "key_manager")
    return FIXED_KEY_ID if keys.backend.endswith("ConfKeyManager") and keys.fixed_key else None


def _identity(settings: Settings, strategy: str) -> Identity:
    # Keystone's and bcrypt's libraries are loaded only where they are used.
    if strategy == "keystone":
        from lapilli.api.identity.keystone import Keystone  # noqa: PLC0415

        return Keystone.connect(settings.bind(KeystoneSettings, "keystone_authtoken"))
    if strategy == "http_basic":
        from lapilli.api.identity.http_basic import HttpBasic, HttpBasicSettings  # noqa: PLC0415

        users = settings.bind(HttpBasicSettings, "oslo_middleware")
        return HttpBasic(Path(users.http_basic_auth_user_file))
    from lapilli.api.identity.noauth import NoAuth  # noqa: PLC0415

    return NoAuth()
