"""Every method of openstacksdk's proxy for block storage, called with arguments that do something."""

from collections.abc import Callable, Iterator

import openstack
import pytest
from openstack.block_storage.v3._proxy import Proxy
from openstack.proxy import Proxy as AnyProxy

from tests.system.service import until
from tests.system.walk import sdk_groups, sdk_operators, sdk_volumes, world
from tests.system.walk.world import NEEDS_IMAGES, WalkedStorage, World

_ROOMS = (sdk_operators, sdk_volumes, sdk_groups)
_STAGES = [stage for room in _ROOMS for stage in room.STAGES]
_OWN = {"wait_for_status", "wait_for_delete"}
_METHODS = {
    name
    for name in dir(Proxy)
    if callable(getattr(Proxy, name)) and not name.startswith("_") and (name in _OWN or not hasattr(AnyProxy, name))
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world.world(tmp_path_factory.mktemp("walk")) as one:
        yield one


@pytest.fixture(scope="module")
def storage(home: World) -> Iterator[WalkedStorage]:
    connection = openstack.connect(
        auth_type="none", auth={"endpoint": home.service.endpoint}, block_storage_default_microversion="3.71"
    )
    yield WalkedStorage(connection.block_storage)
    connection.close()


@pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning")
@pytest.mark.parametrize("stage", _STAGES, ids=lambda stage: stage.__name__)
def test_stage(stage: Callable[[World, WalkedStorage], None], home: World, storage: WalkedStorage) -> None:
    """The stage does what it says, and leaves nothing."""
    stage(home, storage)
    until(lambda: not home.left(), lambda: "\n".join(home.left()), within_s=5)


def test_every_method_is_walked(storage: WalkedStorage) -> None:
    """After all stages, nothing that the proxy offers has been left out, but for what needs Glance."""
    assert _METHODS - storage.walked == NEEDS_IMAGES["sdk"]
