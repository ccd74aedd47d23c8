"""A private RabbitMQ, with its own name server for Erlang nodes: the machine's would outlive the tests."""

import itertools
import json
import subprocess
import urllib.request
from base64 import b64encode
from collections.abc import Mapping, Sequence

from tests.servers.process import Server, find_program, free_port

PLACE = "/usr/lib/rabbitmq/bin"
# Erlang's form, for the broker takes 3 s to translate the newer one.
CONFIGURATION = """[
  {{rabbit, [
    {{tcp_listeners, [{{"127.0.0.1", {port}}}]}},
    {{ssl_listeners, [{{"127.0.0.1", {tls_port}}}]}},
    {{ssl_options, [{{certfile, "{directory}/certificate.pem"}}, {{keyfile, "{directory}/key.pem"}}]}},
    {{default_user, <<"lapilli">>}},
    {{default_pass, <<"lapilli">>}},
    {{disk_free_limit, 10000000}},
    {{log, [{{console, [{{enabled, true}}, {{level, warning}}]}}, {{file, [{{file, false}}]}}]}}
  ]}},
  {{rabbitmq_management, [{{tcp_config, [{{ip, "127.0.0.1"}}, {{port, {management_port}}}]}}]}}
].
"""
CERTIFICATE = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out certificate.pem"


class RabbitMq(Server):
    """`url` is plain; `tls_port` serves the same over TLS, with the certificate in `ca_file`."""

    def __init__(self) -> None:
        self._program = find_program("rabbitmq-server", PLACE)
        self._epmd_program = find_program("epmd")
        super().__init__()
        self.port, self.tls_port, self._management_port, self._erlang_port, self._epmd_port = _ports(5)
        self.url = f"rabbit://lapilli:lapilli@127.0.0.1:{self.port}/"
        self.ca_file = self.directory / "certificate.pem"
        self._epmd: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def prepare(self) -> None:
        self.run(find_program("openssl"), *CERTIFICATE.split())
        (self.directory / "rabbitmq.config").write_text(
            CONFIGURATION.format(
                directory=self.directory,
                port=self.port,
                tls_port=self.tls_port,
                management_port=self._management_port,
            )
        )
        (self.directory / "plugins").write_text("[rabbitmq_management].\n")

    def create_vhost(self) -> str:
        """Make an empty virtual host and return its URL. Starts the server if a test has left it down."""
        self.start()
        name = f"test{next(self._numbers)}"
        self._manage("PUT", f"vhosts/{name}")
        return f"{self.url}{name}"

    def drop_vhost(self, url: str) -> None:
        """Delete a virtual host that `create_vhost` has made, whoever is connected."""
        self.start()
        self._manage("DELETE", f"vhosts/{url.rpartition('/')[2]}")

    def start(self) -> None:
        if self._epmd is None:
            self._epmd = self.spawn(self._epmd_program, "-port", str(self._epmd_port), "-address", "127.0.0.1")
        super().start()

    def remove(self) -> None:
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
        super().remove()

    def command(self) -> Sequence[str]:
        return [self._program]

    def answers(self) -> bool:
        try:
            self._manage("GET", f"health/checks/port-listener/{self.port}")
        except OSError:
            return False
        return True

    def environment(self) -> Mapping[str, str]:
        return {
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"lapilli-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._erlang_port),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory),
            # Makes the script become the broker instead of waiting for it, so that its process id is the broker's.
            "RABBITMQ_ALLOW_INPUT": "1",
            # An idle scheduler sleeps instead of spinning; -noinput because there is no terminal.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none -noinput",
        }

    def add_user(self, name: str, password: str) -> None:
        """Make an account that may do everything in the virtual host `/`."""
        self._manage("PUT", f"users/{name}", {"password": password, "tags": ""})
        self._manage("PUT", f"permissions/%2F/{name}", {"configure": ".*", "write": ".*", "read": ".*"})

    def _manage(self, method: str, path: str, body: Mapping[str, str] | None = None) -> None:
        url = f"http://127.0.0.1:{self._management_port}/api/{path}"
        request = urllib.request.Request(url, json.dumps(body).encode() if body else None, method=method)
        request.add_header("Authorization", f"Basic {b64encode(b'lapilli:lapilli').decode()}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


def _ports(count: int) -> Sequence[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
