"""`lapilli.wsgi`, as a web server loads it."""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, threading
from wsgiref.util import setup_testing_defaults
from lapilli.wsgi import application

def ask(answers):
    environ = {"PATH_INFO": "/v3/demo/volumes", "REQUEST_METHOD": "GET"}
    setup_testing_defaults(environ)
    body = b"".join(application(environ, lambda status, headers: answers.append(status)))
    answers.append(body.decode())

answers = [[] for _ in range(4)]
threads = [threading.Thread(target=ask, args=(each,)) for each in answers]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
import json; print(json.dumps(answers))
"""


def ask(config: Path, **more: str) -> list[list[str]]:
    environment = {**os.environ, "LAPILLI_CONFIG": str(config), **more}
    argv = [sys.executable, "-c", SCRIPT]
    told = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True, timeout=30)
    answers: list[list[str]] = json.loads(told.stdout)
    return answers


def test_the_first_requests_open_it(config: Path) -> None:
    """Several threads may be the first at once."""
    assert ask(config, LAPILLI_FORCE_NOAUTH="1") == [["200 OK", '{"volumes":[]}']] * 4


def test_noauth_behind_a_web_server_is_refused(config: Path) -> None:
    """Who reaches that server cannot be seen from here."""
    assert all(status == "503 Service Unavailable" for status, _ in ask(config))


def test_a_mistake_in_the_configuration_is_a_503(config: Path) -> None:
    """The client is told that it is not its fault; the log has the mistake."""
    config.write_text(config.read_text().replace("noauth", "nobody"))
    assert all(status == "503 Service Unavailable" for status, _ in ask(config))
