"""Paths of access rules, as Keystone's documentation describes them."""

import pytest

from lapilli.api.identity.access_rules import AccessRule


@pytest.mark.parametrize(
    ("pattern", "path", "permitted"),
    [
        ("/v3/volumes", "/v3/volumes", True),
        ("/v3/volumes", "/v3/volumes/1", False),
        ("/v3/volumes", "/x/v3/volumes", False),
        ("/v3/*/volumes", "/v3/p1/volumes", True),
        ("/v3/*/volumes", "/v3/p1/p2/volumes", False),
        ("/v3/*/volumes", "/v3//volumes", False),
        ("/v3/{project_id}/volumes/{id}", "/v3/p1/volumes/7", True),
        ("/v3/{project_id}/volumes/{id}", "/v3/p1/volumes/7/metadata", False),
        ("/v3/volumes/**", "/v3/volumes/7/metadata", True),
        ("/v3/volumes/**", "/v3/volumes", False),
        ("**", "/anything/at/all", True),
        ("/v3.0/a+b", "/v3.0/a+b", True),
        ("/v3.0/a+b", "/v3x0/aab", False),
        ("/v3/volumes", "/v3/volumes\n", False),
        ("/v3/{unclosed", "/v3/{unclosed", True),
    ],
)
def test_path(pattern: str, path: str, permitted: bool) -> None:
    """`{tag}` and `*` are one segment, `**` is any rest, and the remainder is meant literally."""
    assert AccessRule("volumev3", "GET", pattern).permits(["volumev3"], "GET", path) is permitted


def test_method_and_service() -> None:
    """Method and service must be those of the rule."""
    rule = AccessRule("volumev3", "GET", "/v3")
    assert rule.permits({"volumev3", "block-storage"}, "GET", "/v3")
    assert not rule.permits({"volumev3"}, "POST", "/v3")
    assert not rule.permits({"compute"}, "GET", "/v3")
