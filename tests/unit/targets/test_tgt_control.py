"""The bytes for tgtd's socket are those that tgtadm sends, and a daemon that speaks otherwise is asked by tgtadm."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.targets.tgt_control import _ANSWER, _REQUEST, Answer, Request, TgtControl
from tests.servers.process import free_port


class Recorder:
    """Stands where tgtd would: keeps the requests, and answers each with the next (error, text) it was given."""

    def __init__(self) -> None:
        self.port = free_port()
        self.heard: list[bytes] = []
        self._path = Path(f"/var/run/tgtd/socket.{self.port}")
        self._path.parent.mkdir(exist_ok=True)
        # A daemon that was killed leaves its socket; one that runs listens on a TCP port of the same number.
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()

    def answer(self, *answers: tuple[int, bytes], keep_back_bytes: int = 0) -> threading.Thread:
        def serve() -> None:
            for code, text in answers:
                link, _ = self._listener.accept()
                with link:
                    head = link.recv(_REQUEST.size, socket.MSG_WAITALL)
                    rest = _REQUEST.unpack(head)[3] - len(head)
                    self.heard.append(head + (link.recv(rest, socket.MSG_WAITALL) if rest else b""))
                    whole = _ANSWER.pack(code, _ANSWER.size + len(text)) + text
                    link.sendall(whole[: len(whole) - keep_back_bytes])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self._listener.close()
        self._path.unlink()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.mark.parametrize(
    "request_",
    [
        Request("new", "target", 7, words={"targetname": "iqn.a:b"}),
        Request("delete", "target", 7, force=True),
        Request("new", "logicalunit", 7, 1, words={"path": "/a b", "bstype": "rdwr", "bsoflags": "direct"}),
        Request("update", "logicalunit", 7, 1, words={"readonly": "1", "scsi_id": "abc"}),
        Request("delete", "logicalunit", 7, 1),
        Request("new", "account", words={"user": "u", "password": "p"}),
        Request("delete", "account", words={"user": "u"}),
        Request("bind", "account", 7, words={"user": "u"}),
        Request("bind", "target", 7, words={"initiator-name": "iqn.c:d"}),
        Request("unbind", "target", 7, words={"initiator-name": "iqn.c:d"}),
        Request("delete", "conn", 7, sid=2**33, cid=1),
        Request("show", "conn", 7),
        Request("show", "target"),
        Request("show", "lld"),
        Request("show", "system"),
        Request("new", "portal", words={"portal": "[::1]:3260"}),
        Request("show", "portal"),
    ],
    ids=lambda request: f"{request.op}-{request.mode}",
)
def test_a_request_is_what_tgtadm_sends(request_: Request, recorder: Recorder) -> None:
    """Byte for byte."""
    served = recorder.answer((0, b""))
    subprocess.run(request_.argv("iscsi", recorder.port), check=True, timeout=10)
    served.join(10)
    assert recorder.heard == [request_.packed("iscsi")]


@pytest.mark.parametrize("answer", [answer for answer in Answer if answer], ids=lambda answer: answer.name)
def test_answers_mean_the_same_both_ways(answer: Answer, recorder: Recorder) -> None:
    """An error number and tgtadm's sentence for it are told apart as one and the same."""
    request = Request("delete", "target", 7)
    for by_socket in (True, False):
        control = TgtControl(recorder.port, by_socket=by_socket)
        recorder.answer((answer, b""), (answer, b""))
        assert control.ask(request, answer) is answer
        with pytest.raises(BackendFailed, match="target"):
            control.ask(request)


def test_the_socket_is_spoken_where_it_is_understood(recorder: Recorder) -> None:
    """Two harmless requests come first, and only once; the text of an answer is returned."""
    control = TgtControl(recorder.port)
    recorder.answer((0, b"System:\n"), (Answer.NO_ACCOUNT, b""), (0, b"Target 1: a\n"), (0, b"\0"))
    assert control.show("target") == "Target 1: a\n"
    assert control.show("target") == ""
    assert len(recorder.heard) == 4


@pytest.mark.parametrize("probe", [[(0, b"What?")], [(0, b"System:\n"), (Answer.NO_ACCOUNT - 1, b"")]])
def test_another_layout_is_left_to_tgtadm(probe: list[tuple[int, bytes]], recorder: Recorder) -> None:
    """A daemon that answers the first two requests otherwise gets the rest from the program of its own package."""
    control = TgtControl(recorder.port)
    probe = [*probe, (Answer.NO_ACCOUNT, b"")][:2]
    recorder.answer(*probe, (0, b"by tgtadm\n"))
    assert control.show("target", 7) == "by tgtadm\n"
    assert len(recorder.heard) == 3


def test_a_broken_answer_is_reported(recorder: Recorder) -> None:
    """An answer that breaks off is an error, not a shorter answer."""
    recorder.answer((0, b"Target 1"), keep_back_bytes=4)
    with pytest.raises(BackendFailed, match="in the middle"):
        TgtControl(recorder.port, by_socket=True).show("target")


def test_passwords_are_not_told() -> None:
    """A refused word is named by its key."""
    with pytest.raises(Malformed) as refused:
        Request("new", "account", words={"user": "u", "password": "se,cret"})
    assert "password" in str(refused.value)
    assert "cret" not in str(refused.value)
