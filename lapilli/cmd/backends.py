"""Build a volume service's backends from their sections."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lapilli.cmd import neighbours
from lapilli.db.engine import Database
from lapilli.drivers import registry as drivers
from lapilli.machine.images.workshop import ConversionSettings, Workshop
from lapilli.model.errors import LapilliError
from lapilli.model.protocols.storage import Describes
from lapilli.model.protocols.targets import HasDaemon
from lapilli.operations import compare_targets, report_pools, restore_exports
from lapilli.operations.desks import CacheRules, Names, Turns, VolumeDesk, volume_queue
from lapilli.settings.backend import BackendSettings
from lapilli.settings.core import CoreSettings, ImageSettings, VolumeSettings
from lapilli.settings.settings import Settings
from lapilli.targets import registry as targets

_log = logging.getLogger(__name__)


@dataclass
class Backend:
    """A backend at work: its desk, and what this process knows of its health."""

    desk: VolumeDesk
    zone: str
    facts: Mapping[str, Any]
    trouble: str | None = "starting"
    """Why it cannot be used now; written with every heartbeat, and seen by the scheduler."""
    _restored: str | None = None
    _unrestored: str | None = None
    """Why the exports could not be made what the attachments say, the last time that was tried."""
    _differences: frozenset[str] = frozenset()

    @property
    def queue(self) -> str:
        """The queue that this backend serves."""
        return volume_queue(self.desk.service)

    def look_after(self) -> None:
        """Duty: the target's daemon is up, and its exports are what the attachments say."""
        target = self.desk.target
        if not isinstance(target, HasDaemon):
            return
        try:
            target.ensure()
            generation = target.generation()
            if generation != self._restored:
                restored = restore_exports.run(self.desk)
                _log.info("backend %s: %d exports are in place", self.desk.service, restored)
                self._restored = generation
        except LapilliError as error:
            self._unrestored = str(error)
            self._is_in(self._unrestored)
        else:
            self._unrestored = None
            if self.trouble:
                self.report()

    def report(self) -> None:
        """Duty: tell the capacity, unless the backend has trouble. Without its exports it has."""
        try:
            differences = {"target_differences": len(self._differences)} if self._differences else {}
            trouble = report_pools.run(self.desk, {**self.facts, **differences})
            self._is_in(self._unrestored or trouble)
        except LapilliError as error:
            self._is_in(str(error))

    def compare(self) -> None:
        """Duty: say it once when a target is there that nobody needs, or an attachment has none."""
        if self.trouble:
            return
        found = frozenset(f"{each.what} {each.remedy}" for each in compare_targets.findings(self.desk))
        for sentence in sorted(found - self._differences):
            _log.warning("backend %s: %s", self.desk.service, sentence)
        self._differences = found

    def _is_in(self, trouble: str | None) -> None:
        before, self.trouble = self.trouble, trouble
        if trouble and trouble != before:
            _log.error("backend %s cannot be used: %s", self.desk.service, trouble)
        elif before and not trouble:
            _log.info("backend %s is ready", self.desk.service)

    def stop(self) -> None:
        """End what this backend started, the sessions of its initiators included."""
        if isinstance(self.desk.target, HasDaemon):
            self.desk.target.stop()


def build(settings: Settings, db: Database, only: str | None = None) -> list[Backend]:
    """The enabled backends, or the one named `only`. Mistakes wait in the settings for their `check`."""
    names = [name for name in settings.enabled_backends if only in {None, name}]
    return [_build(settings, db, name) for name in names]


def _build(settings: Settings, db: Database, name: str) -> Backend:
    core, volume = settings.bind(CoreSettings), settings.bind(VolumeSettings)
    about = settings.backend(name, BackendSettings)
    backend_name = about.volume_backend_name or name
    driver_class, target_class = drivers.get(about.volume_driver), targets.get(about.target_helper)
    driver = driver_class(settings.backend(name, driver_class.Settings), backend_name)
    target_settings = settings.backend(name, target_class.Settings)
    target = target_class(target_settings)
    names = Names(volume.volume_name_template, volume.snapshot_name_template, target_settings.target_prefix)
    service = f"{about.backend_host or core.host}@{name}"
    described = driver.describe() if isinstance(driver, Describes) else {}
    facts = {
        "volume_backend_name": backend_name,
        "storage_protocol": target.storage_protocol,
        "multiattach": True,
        "QoS_support": False,
        "location_info": f"{about.volume_driver}:{core.host}:{name}",
        "machine": core.host,  # whose backup service reaches the bytes
        **described,
        **about.extra_capabilities,
    }
    fixed = (about.chap_username, about.chap_password) if about.use_chap_auth else None
    desk = VolumeDesk(
        db,
        service,
        driver,
        target,
        names,
        Turns(),
        fixed,
        about.report_discard_supported,
        images=neighbours.images(settings),
        conversions=Workshop(settings.bind(ConversionSettings)),
        cache=_cache(about, settings.bind(ImageSettings)),
        servers=neighbours.servers(settings),
    )
    return Backend(desk, about.backend_availability_zone or core.storage_availability_zone, facts)


def _cache(about: BackendSettings, images: ImageSettings) -> CacheRules | None:
    """Whether the backend keeps volumes of images. Without a tenant that they could belong to, it does not."""
    project_id, user_id = images.cinder_internal_tenant_project_id, images.cinder_internal_tenant_user_id
    if not about.image_volume_cache_enabled:
        return None
    if not (project_id and user_id):
        _log.warning("image_volume_cache_enabled needs cinder_internal_tenant_project_id and _user_id: it is off")
        return None
    bounds = about.image_volume_cache_max_size_gb, about.image_volume_cache_max_count
    return CacheRules(project_id, user_id, *bounds)
