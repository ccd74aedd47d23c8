"""Which other services there are, as the settings have it."""

import pytest

from lapilli.clients.glance import Glance
from lapilli.cmd import neighbours
from lapilli.model.errors import Malformed
from lapilli.settings.settings import Settings, load

ALONE = {"auth_strategy": "noauth"}
WITH_KEYSTONE = {"keystone_authtoken.auth_url": "http://keystone:5000", "keystone_authtoken.username": "cinder"}


def settings(**said: str) -> Settings:
    return load(None, {key.replace("__", "."): value for key, value in said.items()})


def test_standalone() -> None:
    """Without Keystone there are no neighbours, unless the operator names one."""
    alone = settings(**ALONE)
    assert neighbours.images(alone) is neighbours.servers(alone) is neighbours.projects(alone) is None
    assert isinstance(neighbours.images(settings(**ALONE, glance_api_servers="http://glance:9292")), Glance)
    assert neighbours.servers(settings(**ALONE, nova__auth_url="http://keystone:5000")) is not None


def test_with_keystone() -> None:
    """With Keystone, the catalog knows the others."""
    with_keystone = settings(**WITH_KEYSTONE)
    assert neighbours.images(with_keystone)
    assert neighbours.servers(with_keystone)
    assert neighbours.projects(with_keystone)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"glance_catalog_info": "image"}, "glance_catalog_info"),
        ({"glance__auth_url": "http://k", "glance__auth_type": "v2password"}, r"\[glance\] auth_type"),
        ({"service_user__send_service_user_token": "true"}, r"\[service_user\] auth_url"),
    ],
)
def test_settings_that_cannot_work(said: dict[str, str], match: str) -> None:
    """A mistake is told with its section."""
    with pytest.raises(Malformed, match=match):
        neighbours.images(settings(**WITH_KEYSTONE, **said))
