"""Finds a backup store by its name: entry points of the group `lapilli.stores`, and the class paths of Cinder."""

from typing import Final

from lapilli.machine.plug_ins import Configured, PlugIns
from lapilli.model.protocols.backups import BackupStore

# What an operator's `backup_driver` may say instead of a name.
_ALIASES: Final = {"cinder.backup.drivers.posix.PosixBackupDriver": "posix"}
_PLUG_INS: Final = PlugIns[Configured[BackupStore]]("lapilli.stores", "Store", _ALIASES)

get, known = _PLUG_INS.get, _PLUG_INS.known
