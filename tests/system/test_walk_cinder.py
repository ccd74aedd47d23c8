"""Every sub-command of the unmodified `cinder`, called with arguments that do something; nothing is left."""

from collections.abc import Callable, Iterator

import pytest
from cinderclient import api_versions  # type: ignore[import-untyped]
from cinderclient.shell import OpenStackCinderShell  # type: ignore[import-untyped]

from tests.system.service import PROJECT, until
from tests.system.walk import cinder_backups, cinder_groups, cinder_operators, cinder_types, cinder_volumes, world
from tests.system.walk.world import NEEDS_IMAGES, WalkedCinder, World

_ROOMS = (cinder_types, cinder_volumes, cinder_backups, cinder_groups, cinder_operators)
_STAGES = [stage for room in _ROOMS for stage in room.STAGES]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world.world(tmp_path_factory.mktemp("walk")) as one:
        yield one


@pytest.fixture(scope="module")
def cinder(home: World) -> WalkedCinder:
    return WalkedCinder(home.service.endpoint, PROJECT)


@pytest.mark.parametrize("stage", _STAGES, ids=lambda stage: stage.__name__)
def test_stage(stage: Callable[[World, WalkedCinder], None], home: World, cinder: WalkedCinder) -> None:
    """The stage does what it says, and leaves nothing."""
    stage(home, cinder)
    until(lambda: not home.left(), lambda: "\n".join(home.left()), within_s=5)


def test_every_command_is_walked(cinder: WalkedCinder) -> None:
    """After all stages, nothing that the newest client offers has been left out, but for what needs Glance."""
    shell = OpenStackCinderShell()
    newest = api_versions.APIVersion(api_versions.MAX_VERSION)
    shell.get_subcommand_parser(newest, do_help=False, input_args=[])
    assert set(shell.subcommands) - cinder.walked == NEEDS_IMAGES["cinder"]
