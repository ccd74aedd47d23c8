"""The client of projects, against a real Keystone."""

import uuid

import pytest

from lapilli.clients.connect import keystone
from lapilli.clients.settings import Login
from lapilli.model.errors import Forbidden, Unavailable
from tests.servers.process import free_port
from tests.system.image_cloud import ImageCloud


def test_exists(images: ImageCloud) -> None:
    """Projects that are there, and such as are not."""
    projects = keystone(Login(**images.login()), "internal")
    assert projects.exists(images.caller("mia").project_id)
    for nothing in (uuid.uuid4().hex, "demo"):
        assert not projects.exists(nothing)


def test_a_login_that_may_not_see_projects(images: ImageCloud) -> None:
    """What this service is not told, it does not guess."""
    login = {**images.login(), "username": "mia", "project_name": "mia"}
    with pytest.raises(Forbidden):
        keystone(Login(**login), "internal").exists(images.caller("ben").project_id)


def test_no_keystone() -> None:
    """A Keystone that is away."""
    login = Login(auth_url=f"http://127.0.0.1:{free_port()}", username="u", password="p", project_name="p")
    with pytest.raises(Unavailable):
        keystone(login, "internal").exists("p")
