"""Services that are away, ill, or of another opinion."""

import pytest
from keystoneauth1.session import Session

from lapilli.clients.login import Identities
from lapilli.clients.remote import Remote, reason_of, refusal
from lapilli.model.errors import Conflict, Forbidden, LapilliError, Malformed, NotFound, Refused, Unavailable
from tests.servers.process import free_port
from tests.unit.clients.neighbour import Asked, Said, neighbour, remote

PAGE = b"<html><head><title>%d</title></head><body><h1>409 Conflict</h1>\n It is &#x27;busy&#x27;.<br /></body></html>"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Malformed),
        (401, Forbidden),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (413, Refused),
        (418, Malformed),
    ],
)
def test_refusals(status: int, kind: type[LapilliError]) -> None:
    """Each status of 4xx is one of our errors, with the other side's words."""
    with neighbour(lambda _: Said(status, PAGE)) as (url, _):
        error = refusal(remote(url).send("GET", "/"), "Image", "i")
    assert type(error) is kind
    if kind is not NotFound:
        assert str(error) == "Image i: It is 'busy'."


def test_reason_in_json() -> None:
    """The message of a fault body is the reason."""
    body = b'{"itemNotFound": {"code": 404, "message": "no \\"such\\" thing."}}'
    with neighbour(lambda _: Said(404, body, {"Content-Type": "application/json"})) as (url, _):
        assert reason_of(remote(url).send("GET", "/")) == 'no \\"such\\" thing'


def test_tried_again() -> None:
    """An answer of 5xx is asked for again; the one that comes then counts."""
    answers = [Said(503), Said(500), Said(200, b"well")]
    with neighbour(lambda _: answers.pop(0)) as (url, asked):
        assert remote(url, retries=2).send("GET", "/x").text == "well"
    assert [each.path for each in asked] == ["/x"] * 3


def test_given_up() -> None:
    """After the last attempt, the other side is unavailable, and the operator reads why."""
    with neighbour(lambda _: Said(502, PAGE)) as (url, asked), pytest.raises(Unavailable, match="answers 502"):
        remote(url, retries=1).send("GET", "/")
    assert len(asked) == 2


def test_nobody_there() -> None:
    """A port that nobody listens on."""
    with pytest.raises(Unavailable, match="The other side does not answer"):
        remote(f"http://127.0.0.1:{free_port()}").send("GET", "/")


def test_next_server() -> None:
    """Of several servers, the next is asked when one is away."""
    with neighbour(lambda _: Said(200, b"here")) as (url, _):
        away = f"http://127.0.0.1:{free_port()}"
        assert remote(away, url, retries=1).send("GET", "/").text == "here"


def test_body_that_is_sent_once() -> None:
    """What cannot be sent again is not."""
    with neighbour(lambda _: Said(503)) as (url, asked), pytest.raises(Unavailable):
        remote(url, retries=5).send_once("PUT", "/", data=b"x")
    assert len(asked) == 1


def test_no_catalog() -> None:
    """Without Keystone there is no catalog to look a service up in."""
    with pytest.raises(NotFound, match="in the catalog"):
        Remote("The other side", Session(), Identities()).send("GET", "/")


@pytest.mark.parametrize("ending", ["", "/", "/v2", "/v2/"])
def test_version_in_the_url(ending: str) -> None:
    """Operators write URLs with the version and without."""

    def answer(asked: Asked) -> Said:
        return Said(200, asked.path.encode())

    with neighbour(answer) as (url, _):
        client = Remote("x", Session(), Identities(), urls=[url + ending], version_path="/v2")
        assert client.send("GET", "/images").text == "/v2/images"
