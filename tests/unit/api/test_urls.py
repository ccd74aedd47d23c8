"""Projects in URLs, as `project_id_regex` has them."""

import pytest

from lapilli.api.routes import ROUTES
from lapilli.api.urls import Urls
from lapilli.model.errors import Malformed

ID = "1f0c3a9e5b7d4c2e8a6f0b1d3c5e7a9b"


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("/v3/volumes", ("/v3", None, "/volumes")),
        ("/v3/volumes/", None),
        ("/v3/", ("/v3", None, "/")),
        (f"/v3/{ID}/volumes/1", (f"/v3/{ID}", ID, "/volumes/1")),
        (f"/v3/{ID}", (f"/v3/{ID}", ID, "/")),
        ("/v3/demo/volumes", None),
        (f"/v3/{ID.upper()}/volumes", None),
        (f"/v3/{ID}\n/volumes", None),
        ("/v2/volumes", None),
    ],
)
def test_split(path: str, split: tuple[str, str | None, str] | None) -> None:
    """The default takes the ids that Keystone makes, and nothing else."""
    assert Urls(ROUTES, r"[0-9a-f\-]+").split(path) == split


def test_another_regex() -> None:
    """An operator may have projects whose ids look otherwise."""
    assert Urls(ROUTES, r"[a-z]+").split("/v3/demo/volumes") == ("/v3/demo", "demo", "/volumes")


def test_no_regex() -> None:
    """A mistake in the option is told, and is no bug."""
    with pytest.raises(Malformed, match=r"project_id_regex = \[a is no regular expression"):
        Urls(ROUTES, "[a")
