"""Reads what tgtd shows of its targets and sessions: text made for people, indented by four."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lapilli.model.values import GIB


@dataclass(frozen=True)
class ShownTarget:
    """A target of `tgtadm --op show --mode target`: number and name of its first line, and the lines below."""

    tid: int
    name: str
    text: str

    @property
    def has_sessions(self) -> bool:
        return "        I_T nexus: " in self.text

    @property
    def initiators(self) -> list[str]:
        """Who may log in."""
        return self.text.partition("    ACL information:\n")[2].split()

    @property
    def accounts(self) -> list[str]:
        """The names that initiators log in with; not those that the target itself would prove."""
        shown = self.text.partition("    Account information:\n")[2].partition("    ACL information:\n")[0]
        return [line.strip() for line in shown.splitlines() if not line.endswith(" (outgoing)")]

    def of_lun(self, lun: int, label: str) -> str:
        """What stands behind a label of a LUN; empty if the target has no such LUN."""
        facts = self.text.partition(f"        LUN: {lun}\n")[2]
        found = re.search(rf"^            {label}: ([^\n,]*)", facts, re.MULTILINE)
        return found[1] if found else ""


@dataclass(frozen=True)
class ShownConnection:
    """A connection of `tgtadm --op show --mode conn`."""

    sid: int
    cid: int
    initiator: str


def targets(text: str) -> Iterator[ShownTarget]:
    """The targets of `--mode target`, in the order of their numbers."""
    for block in text.removeprefix("Target ").split("\nTarget "):
        header, _, below = block.partition("\n")
        number, _, name = header.partition(": ")
        if name:
            yield ShownTarget(int(number), name, f"{below}\n")


def connections(text: str) -> Iterator[ShownConnection]:
    """The connections of `--mode conn`, session after session."""
    sid = cid = 0
    for line in text.splitlines():
        label, _, value = line.strip().partition(": ")
        if label == "Session":
            sid = int(value)
        elif label == "Connection":
            cid = int(value)
        elif label == "Initiator":
            yield ShownConnection(sid, cid, value)


def names(text: str) -> list[str]:
    """The targets' names of `--mode lld`, which is twenty times shorter than `--mode target`."""
    return re.findall(r"^        Target \d+: (.*)$", text, re.MULTILINE)


def portals(text: str) -> list[str]:
    """`address:port` of each line of `--mode portal`."""
    return re.findall(r"^Portal: (\S+),\d+$", text, re.MULTILINE)


def size(size_gib: int) -> str:
    """A size the way tgtd shows it: in MB of a million bytes, nearly."""
    sectors = size_gib * GIB // 512
    return f"{(sectors - (sectors // 625 - 974)) // 1950} MB"
