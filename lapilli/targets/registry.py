"""Finds a target driver by its name: entry points of the group `lapilli.targets`, and Cinder's helper names."""

from typing import Final

from lapilli.machine.plug_ins import Configured, PlugIns
from lapilli.model.protocols.targets import TargetDriver

# What an operator's `target_helper` says: Cinder names most of them after the program it runs.
_ALIASES: Final = {"tgtadm": "tgt", "lioadm": "lio", "scstadmin": "scst"}
_PLUG_INS: Final = PlugIns[Configured[TargetDriver]]("lapilli.targets", "Target", _ALIASES)

get, known = _PLUG_INS.get, _PLUG_INS.known
