"""The options of [DEFAULT] that belong to the whole process or to no single plug-in."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class CoreSettings:
    """Who this process is, and how it finds the others."""

    host: str = option("$hostname", help="Name of this node in host names such as node@backend#pool.")
    my_ip: str = option("127.0.0.1", help="Address of this node, at which its targets listen.")
    state_path: str = option("/var/lib/cinder", help="Directory under which this node keeps its files.")
    privileged_helper_socket: str = option(
        "$state_path/privileged.sock", help="Where this node's `lapilli privileged` listens, if services are not root."
    )
    enabled_backends: tuple[str, ...] = option((), help="Sections of the backends that this node serves.")
    storage_availability_zone: str = option("nova", help="Availability zone of this node.")
    cluster: str | None = option(None, help="Cluster of this node: its services serve the same storage as others'.")
    report_interval: int = option(10, low=1, help="Seconds between two signs of life.")
    service_down_time: int = option(60, low=1, help="Seconds without a sign of life after which a service is down.")
    backend_stats_polling_interval: int = option(60, low=3, help="Seconds between two reports of a backend's capacity.")


@dataclass(frozen=True)
class LogSettings:
    """Where messages go."""

    debug: bool = option(False, help="Log the details as well.")
    log_dir: str | None = option(None, help="Directory with one log file for each service.")
    log_file: str | None = option(None, help="One log file, inside log_dir if its path is relative.")
    use_syslog: bool = option(False, help="Log to syslog as well.")


@dataclass(frozen=True)
class ApiSettings:
    """The HTTP edge."""

    osapi_volume_listen: str = option("0.0.0.0", help="Address at which the API listens.")  # noqa: S104 - Cinder's
    osapi_volume_listen_port: int = option(8776, low=1, high=65535, help="Port at which the API listens.")
    osapi_volume_workers: int | None = option(None, low=1, help="Processes of the API. Without it, one for each CPU.")
    osapi_max_limit: int = option(1000, low=1, help="Rows in the longest page of a list.")
    public_endpoint: str | None = option(None, help="Base of all links in answers, if not what the client called.")
    project_id_regex: str = option(r"[0-9a-f\-]+", help="What a project looks like in a URL.")
    auth_strategy: str = option(
        "keystone",
        choices=("keystone", "noauth", "noauth_include_project_id", "http_basic"),
        help="How callers are recognised.",
    )


@dataclass(frozen=True)
class VolumeSettings:
    """What a volume gets when the request does not say it."""

    default_volume_type: str = option("__DEFAULT__", help="Type of volumes that name none.")
    default_group_type: str | None = option(None, help="Type that `GET /group_types/default` shows.")
    default_availability_zone: str | None = option(None, help="Availability zone of volumes that name none.")
    allow_availability_zone_fallback: bool = option(False, help="Use the default zone in place of an unknown one.")
    volume_name_template: str = option("volume-%s", help="Name of a volume on its backend; %s is its id.")
    snapshot_name_template: str = option("snapshot-%s", help="Name of a snapshot on its backend; %s is its id.")


@dataclass(frozen=True)
class TransferSettings:
    """The keys under which volumes are offered to other projects."""

    volume_transfer_key_length: int = option(16, low=8, high=64, help="Hexadecimal digits of a key.")
    volume_transfer_salt_length: int = option(8, low=1, high=64, help="Hexadecimal digits of salt in a stored key.")


@dataclass(frozen=True)
class QuotaSettings:
    """Limits of projects that have none of their own; -1 is no limit."""

    quota_volumes: int = option(10, low=-1, help="Volumes of a project.")
    quota_snapshots: int = option(10, low=-1, help="Snapshots of a project.")
    quota_gigabytes: int = option(1000, low=-1, help="GiB of a project's volumes and snapshots.")
    quota_backups: int = option(10, low=-1, help="Backups of a project.")
    quota_backup_gigabytes: int = option(1000, low=-1, help="GiB of a project's backups.")
    quota_groups: int = option(10, low=-1, help="Groups of a project.")
    per_volume_size_limit: int = option(-1, low=-1, help="GiB of the largest volume.")
    no_snapshot_gb_quota: bool = option(False, help="Leave snapshots out of the GiB.")


@dataclass(frozen=True)
class KeyManagerSettings:
    """`[key_manager]`: where the keys of encrypted volumes are. Hosts need the same settings."""

    backend: str = option(
        "barbican",
        legacy=("api_class",),
        help="The manager of keys. Known is cinder.keymgr.conf_key_mgr.ConfKeyManager, which has one: fixed_key.",
    )
    fixed_key: str | None = option(None, secret=True, help="The key of all encrypted volumes, in hexadecimal digits.")


@dataclass(frozen=True)
class ImageSettings:
    """Volumes made of images, and images made of volumes."""

    verify_glance_signatures: str = option(
        "enabled",
        choices=("enabled", "disabled"),
        help="Refuse images that are signed, for signatures cannot be verified here; or take them unverified.",
    )
    enable_force_upload: bool = option(False, help="Let volumes in use become images, where the request insists.")
    allow_compression_on_image_upload: bool = option(
        False, help="Let images be made in the container `compressed`, for CPU of this node."
    )
    reserved_image_namespaces: tuple[str, ...] = option(
        (), help="How the names of further properties begin that an image does not get from its volume."
    )
    cinder_internal_tenant_project_id: str | None = option(
        None, help="Project that volumes belong to which hold images for others to be cloned from."
    )
    cinder_internal_tenant_user_id: str | None = option(None, help="User that those volumes belong to.")


@dataclass(frozen=True)
class PlacementSettings:
    """How long the scheduler keeps trying."""

    scheduler_max_attempts: int = option(3, low=1, help="Backends on which a volume is tried before it is in error.")
