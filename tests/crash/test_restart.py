"""What a process finds at its start may be broken in one place, and is put right in all others."""

import pytest

from lapilli.model.errors import BackendFailed
from tests.crash.points import Say, in_child
from tests.crash.world import World


def test_a_lost_file_keeps_no_other_export_away(world: World) -> None:
    """One volume cannot be exported again, which is told; the next one is."""

    def live(say: Say) -> None:
        world.file_of("attached").unlink()
        with pytest.raises(BackendFailed, match="1 of 3 attachments cannot be exported again"):
            world.restore()
        say(world.file_of("shared").name)

    world.put_back()
    world.tgt.clear()
    name = in_child(live).said
    served = [target for target in world.places[0].targets().values() if target.name.endswith(name)]
    assert [len(target.initiators) for target in served] == [2]
