"""The disks of a volume group, told from what LVM's programs report."""

import json
from collections.abc import Callable

import pytest

from lapilli.machine.lvm import discovery, disks
from lapilli.model.errors import BackendFailed, CommandFailed

ABSENT = CommandFailed(["vgs"], 5, '  Volume group "storage" not found\n  Cannot process volume group storage\n')
TWICE = CommandFailed(["vgs"], 5, "  Multiple VGs found with the same name: skipping storage\n  Use --select vg_uuid=…")
NO_FILTER = CommandFailed(["lvmconfig"], 5, "  Configuration node devices/filter not found\n")


class Programs:
    """LVM's programs as one machine has them; `asked` are the arguments of each."""

    def __init__(self, *answers: CommandFailed | list[tuple[str, str]], has_filter: bool = False) -> None:
        self.asked: list[tuple[str, ...]] = []
        self._answers = list(answers)
        self._has_filter = has_filter

    def __call__(self, program: str, *arguments: str) -> str:
        if program == "lvmconfig":
            if self._has_filter:
                return 'filter="a|.*|"'
            raise NO_FILTER
        self.asked.append(arguments)
        answer = self._answers.pop(0)
        if isinstance(answer, CommandFailed):
            raise answer
        return json.dumps({"report": [{"vg": [{"vg_uuid": uuid, "pv_name": path} for uuid, path in answer]}]})


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with three disks, of which /dev/sdc is a volume."""
    monkeypatch.setattr(disks, "readable", lambda _groups: ["/dev/sda", "/dev/mapper/mpath-b"])
    monkeypatch.setattr(disks, "has_volume", lambda path, _groups: path == "/dev/sdc")
    monkeypatch.setattr(disks, "identity", lambda path: f"{path} as it is")


def find(programs: Programs, uuid: str = "") -> discovery.GroupDisks:
    return discovery.find("storage", ["storage"], programs, uuid)


def test_later_commands_read_the_groups_disks_alone() -> None:
    """The first one reads what no volume lies on; a disk that is missing is nobody's."""
    programs = Programs([("U1", "/dev/sda"), ("U1", "/dev/mapper/mpath-b.1"), ("U1", "[unknown]")])
    found = find(programs)
    assert found.uuid == "U1"
    assert found.are_the_same
    assert programs.asked[0][-1] == "storage"
    assert 'filter=["a|^/dev/sda$|","a|^/dev/mapper/mpath-b$|","r|.*|"]' in programs.asked[0][-2]
    (flag, config) = found.config
    assert flag == "--config"
    assert config == (
        'devices{scan_lvs=0 hints="none" use_devicesfile=0 '
        'filter=["a|^/dev/mapper/mpath-b.1$|","a|^/dev/sda$|","r|.*|"]}'
    )


def test_an_operators_filter_holds() -> None:
    """Ours does not take its place; a group that it lets in from a volume is left alone."""
    programs = Programs(TWICE, [("U1", "/dev/sda"), ("U2", "/dev/sdc")], has_filter=True)
    assert find(programs).uuid == "U1"
    assert all("filter" not in "".join(asked) for asked in programs.asked)
    with pytest.raises(BackendFailed, match=r"inside a volume .*\(/dev/sdc\)"):
        find(Programs([("U2", "/dev/sdc")], has_filter=True))


def test_of_several_groups_the_known_one_is_taken() -> None:
    """Who knows none of them does not choose, and who knows another one does not take this one."""
    both = [("U1", "/dev/sda"), ("U2", "/dev/sdb")]
    assert find(Programs(TWICE, both), "U2").disks == (("/dev/sdb", "/dev/sdb as it is"),)
    with pytest.raises(BackendFailed, match="several volume groups storage here: U1 on /dev/sda; U2 on /dev/sdb"):
        find(Programs(TWICE, both))
    with pytest.raises(
        BackendFailed, match="another one than before: it had the UUID U3, and the one on /dev/sda has U1"
    ):
        find(Programs(both[:1]), "U3")


def test_a_devices_file_that_lacks_them_is_told() -> None:
    """If they are seen without it, the sentence has the commands that add them; else they are not there."""
    programs = Programs(ABSENT, [("U1", "/dev/sda"), ("U1", "/dev/sdb")])
    with pytest.raises(BackendFailed, match="`lvmdevices --adddev /dev/sda; lvmdevices --adddev /dev/sdb`"):
        find(programs)
    assert "use_devicesfile=0" in programs.asked[1][-2]
    for has_filter in (False, True):
        with pytest.raises(BackendFailed, match="There is no volume group storage"):
            find(Programs(ABSENT, ABSENT, has_filter=has_filter))


@pytest.mark.parametrize(
    ("change", "same"),
    [(lambda path: f"{path} as it is", True), (lambda path: "another", False), (lambda path: "", False)],
)
def test_other_disks_under_the_same_paths_are_noticed(
    change: Callable[[str], str], same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is compared with what it was when it was found."""
    found = find(Programs([("U1", "/dev/sda")]))
    monkeypatch.setattr(disks, "identity", change)
    assert found.are_the_same is same
