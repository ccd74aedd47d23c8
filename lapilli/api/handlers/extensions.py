"""The extensions that Cinder once had as options. All are part of the API now, but clients still ask for them."""

from typing import Any, Final, NamedTuple

from lapilli.api.request import Reply, Request
from lapilli.model.errors import NotFound


class Extension(NamedTuple):
    """An extension: its alias is what clients look for, `updated` the day of its definition."""

    alias: str
    name: str
    updated: str
    description: str


_EXTENSIONS: Final = (
    Extension("OS-SCH-HNT", "SchedulerHints", "2013-04-18", "Hints for the scheduler in volume creation."),
    Extension("backups", "Backups", "2012-12-12", "Backups of volumes."),
    Extension("capabilities", "Capabilities", "2015-08-31", "What a backend can do."),
    Extension("cgsnapshots", "Cgsnapshots", "2014-08-18", "Snapshots of consistency groups."),
    Extension("consistencygroups", "Consistencygroups", "2014-08-18", "Consistency groups."),
    Extension("encryption", "VolumeTypeEncryption", "2013-07-01", "Encryption of volume types."),
    Extension("os-admin-actions", "AdminActions", "2012-08-25", "Actions of administrators."),
    Extension("os-availability-zone", "AvailabilityZones", "2013-06-27", "Availability zones."),
    Extension("os-extended-services", "ExtendedServices", "2014-01-10", "Why services are disabled."),
    Extension("os-extended-snapshot-attributes", "ExtendedSnapshotAttributes", "2012-06-19", "Progress of snapshots."),
    Extension("os-hosts", "Hosts", "2011-06-29", "Hosts and what they hold."),
    Extension("os-quota-class-sets", "QuotaClasses", "2012-03-12", "Quota classes."),
    Extension("os-quota-sets", "Quotas", "2011-08-08", "Quotas of projects."),
    Extension("os-services", "Services", "2012-10-28", "Services and their state."),
    Extension("os-snapshot-actions", "SnapshotActions", "2013-07-16", "Status of snapshots that hypervisors make."),
    Extension("os-snapshot-manage", "SnapshotManage", "2014-12-31", "Taking over existing snapshots."),
    Extension("os-snapshot-unmanage", "SnapshotUnmanage", "2014-12-31", "Letting go of snapshots."),
    Extension("os-types-extra-specs", "TypesExtraSpecs", "2011-08-24", "Extra specs of volume types."),
    Extension("os-types-manage", "TypesManage", "2011-08-24", "Management of volume types."),
    Extension("os-used-limits", "UsedLimits", "2013-10-03", "How much of the limits is used."),
    Extension("os-vol-host-attr", "VolumeHostAttribute", "2011-11-03", "Where a volume lies."),
    Extension("os-vol-image-meta", "VolumeImageMetadata", "2012-12-07", "Image metadata of volumes."),
    Extension("os-vol-mig-status-attr", "VolumeMigStatusAttribute", "2013-08-08", "Migration status of volumes."),
    Extension("os-vol-tenant-attr", "VolumeTenantAttribute", "2011-11-03", "Project of a volume."),
    Extension("os-volume-actions", "VolumeActions", "2012-05-31", "Actions on volumes."),
    Extension("os-volume-encryption-metadata", "VolumeEncryptionMetadata", "2013-07-10", "How a volume is encrypted."),
    Extension("os-volume-manage", "VolumeManage", "2014-02-10", "Taking over existing volumes."),
    Extension("os-volume-transfer", "VolumeTransfer", "2013-05-29", "Transfers of volumes between projects."),
    Extension("os-volume-type-access", "VolumeTypeAccess", "2014-06-26", "Who may use a private volume type."),
    Extension("os-volume-unmanage", "VolumeUnmanage", "2012-05-31", "Letting go of volumes."),
    Extension("qos-specs", "Qos_specs_manage", "2013-08-02", "QoS specs."),
    Extension("scheduler-stats", "Scheduler_stats", "2014-09-07", "Pools as the scheduler sees them."),
)


def index(request: Request) -> Reply:
    """List the extensions."""
    del request
    return Reply({"extensions": [_view(extension) for extension in _EXTENSIONS]})


def show(request: Request, alias: str) -> Reply:
    """Show an extension."""
    del request
    for extension in _EXTENSIONS:
        if extension.alias == alias:
            return Reply({"extension": _view(extension)})
    raise NotFound("Extension", alias)


def _view(extension: Extension) -> dict[str, Any]:
    return {**extension._asdict(), "updated": f"{extension.updated}T00:00:00+00:00", "links": []}
