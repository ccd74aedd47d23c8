"""The bytes for tgtd's socket are those that tgtadm sends, and a daemon that speaks otherwise is asked by tgtadm."""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.targets.tgt_control import _ANSWER, _REQUEST, Answer, Request, TgtControl
from tests.servers.process import free_port


class Recorder:
    """Stands where tgtd would, keeps one request, and answers with what it was given."""

    def __init__(self) -> None:
        self.port = free_port()
        self.path = Path(f"/var/run/tgtd/socket.{self.port}")
        self.path.parent.mkdir(exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()

    def serve(self, answer: bytes) -> bytes:
        link, _ = self._listener.accept()
        with link:
            heard = link.recv(4096, socket.MSG_WAITALL) if not answer else self._request(link)
            link.sendall(answer)
        return heard

    @staticmethod
    def _request(link: socket.socket) -> bytes:
        head = link.recv(_REQUEST.size, socket.MSG_WAITALL)
        length = _REQUEST.unpack(head)[3]
        return head + (link.recv(length - len(head), socket.MSG_WAITALL) if length > len(head) else b"")

    def close(self) -> None:
        self._listener.close()
        self.path.unlink()


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
    """Byte for byte, but for fields that tgtd does not read in that request."""
    argv = request_.argv("iscsi", recorder.port)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tgtadm:
        heard = recorder.serve(_ANSWER.pack(0, _ANSWER.size))
        assert tgtadm.wait(10) == 0
    assert _without_lun_list_end(heard) == _without_lun_list_end(request_.packed("iscsi"))


def _without_lun_list_end(packed: bytes) -> bytes:
    return re.sub(rb",\0$", b"\0", packed)


def test_tgtadm_knows_the_sentences(recorder: Recorder) -> None:
    """Each answer that the code tells apart comes back the same through the socket and through tgtadm."""
    for answer in Answer:
        if answer is Answer.DONE:
            continue
        for by_socket in (True, False):
            control = TgtControl(recorder.port, by_socket=by_socket)
            assert _served(recorder, control, answer) is answer


def test_another_layout_is_not_spoken(recorder: Recorder) -> None:
    """A daemon whose error numbers are others is asked by tgtadm, whose sentences it shares."""
    control = TgtControl(recorder.port)
    with subprocess.Popen(["true"]):
        answers = [(0, b"System:\n"), (Answer.NO_ACCOUNT - 1, b""), (Answer.NO_TARGET, b"")]
        heard = _in_background(recorder, answers)
        assert control.ask(Request("delete", "target", 7), Answer.NO_TARGET) is Answer.NO_TARGET
        assert len(heard()) == 3


def test_a_daemon_that_hangs_up_is_reported(recorder: Recorder) -> None:
    """An answer that breaks off is an error, not an empty answer."""
    control = TgtControl(recorder.port, by_socket=True)
    heard = _in_background(recorder, [(0, b"Target 1")], cut=4)
    with pytest.raises(BackendFailed, match="in the middle"):
        control.show("target")
    heard()


def test_passwords_are_not_told() -> None:
    """A refused word is named by its key."""
    with pytest.raises(Malformed) as refused:
        Request("new", "account", words={"user": "u", "password": "se,cret"})
    assert "password" in str(refused.value)
    assert "cret" not in str(refused.value)
