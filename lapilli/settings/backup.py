"""What the backup service's section says, whatever its store."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class BackupSettings:
    """The options of backups that belong to no store."""

    backup_driver: str = option("posix", help="Store of the backups, by name or by Cinder's class path.")
    backup_compression_algorithm: str = option(
        "zlib",
        choices=("none", "off", "no", "zlib", "gzip", "bz2", "bzip2", "zstd"),
        help="How new objects are compressed; what does not shrink is not.",
    )
