"""What the compute service hears of volumes."""

from tests.unit.operations.lab import Lab
from tests.unit.operations.test_create_volume_from_image import complaints
from tests.unit.operations.test_extend_volume import extend
from tests.unit.operations.test_reimage_volume import MemoryServers, lend


def test_extended(lab: Lab) -> None:
    """The servers that have a volume hear that it has grown, and those that have none are left alone."""
    servers = MemoryServers(deaf=1)
    lend(lab, servers)
    volume_id = lab.create()
    extend(lab, volume_id, 2)
    lab.work()
    assert servers.told == []
    lab.attach(volume_id, instance_id="server")
    extend(lab, volume_id, 3, online=True)
    lab.work()
    assert servers.told == [("volume-extended", volume_id, ["server"])]
    assert lab.status(volume_id) == "in-use"


def test_never_heard(lab: Lab) -> None:
    """The volume has grown all the same, and the project is told what to do."""
    lend(lab, MemoryServers(deaf=99))
    volume_id = lab.create()
    lab.attach(volume_id, instance_id="server")
    extend(lab, volume_id, 3, online=True)
    lab.work()
    assert lab.volume(volume_id).size_gib == 3
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_007_009"]
