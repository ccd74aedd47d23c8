"""Every volume command of the unmodified `openstack`, called with arguments that do something."""

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points

import pytest

from tests.system.service import until
from tests.system.walk import openstack_groups, openstack_operators, openstack_volumes, world
from tests.system.walk.world import WalkedOpenStack, World

_ROOMS = (openstack_operators, openstack_volumes, openstack_groups)
_STAGES = [stage for room in _ROOMS for stage in room.STAGES]
_NAMES = {each.name for each in entry_points(group="openstack.volume.v3")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world.world(tmp_path_factory.mktemp("walk")) as one:
        yield one


@pytest.fixture(scope="module")
def openstack(home: World) -> WalkedOpenStack:
    return WalkedOpenStack(_NAMES, "--os-auth-type", "none", "--os-endpoint", home.service.endpoint)


@pytest.mark.parametrize("stage", _STAGES, ids=lambda stage: stage.__name__)
def test_stage(stage: Callable[[World, WalkedOpenStack], None], home: World, openstack: WalkedOpenStack) -> None:
    """The stage does what it says, and leaves nothing."""
    stage(home, openstack)
    until(lambda: not home.left(), lambda: "\n".join(home.left()), within_s=5)


def test_every_command_is_walked(openstack: WalkedOpenStack) -> None:
    """After all stages, nothing that the client offers for volumes has been left out."""
    assert openstack.walked == _NAMES
