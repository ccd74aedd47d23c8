"""A private Keystone 30 on SQLite, in a virtual environment of its own that the first run installs."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from tests.servers.openstack import place
from tests.servers.process import Server, free_port

CONFIGURATION = """[database]
connection = sqlite:///{directory}/keystone.db
[token]
expiration = {expiration_s}
[fernet_tokens]
key_repository = {directory}/fernet-keys
[fernet_receipts]
key_repository = {directory}/fernet-keys
[credential]
key_repository = {directory}/credential-keys
[identity]
# Cheap hashes: bcrypt's cost is not what is tested.
password_hash_rounds = 4
[oslo_messaging_notifications]
driver = noop
"""
# Keystone reads the arguments of whatever program it runs in.
APPLICATION = """import sys
sys.argv = ["keystone"]
from keystone.wsgi.api import application
"""


class KeystoneServer(Server):
    """`url` is the v3 endpoint. One that is made with `beside` serves the same database and keys."""

    def __init__(self, *, expiration_s: int = 3600, beside: "KeystoneServer | None" = None) -> None:
        self._program = place("keystone") / "bin"
        super().__init__()
        self._beside = beside
        self._expiration_s = expiration_s
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/v3"

    def prepare(self) -> None:
        directory = self._beside.directory if self._beside else self.directory
        text = CONFIGURATION.format(directory=directory, expiration_s=self._expiration_s)
        (self.directory / "keystone.conf").write_text(text)
        (self.directory / "served.py").write_text(APPLICATION)
        if not self._beside:
            self._manage("db_sync")
            self._manage("fernet_setup")
            self._manage("credential_setup")
            urls = [f"--bootstrap-{kind}-url={self.url}" for kind in ("admin", "public", "internal")]
            self._manage("bootstrap", "--bootstrap-password=secret", "--bootstrap-region-id=RegionOne", *urls)

    def command(self) -> Sequence[str]:
        # A single thread, because SQLite takes a single writer.
        listen = f"--bind=127.0.0.1:{self._port}"
        return [str(self._program / "gunicorn"), listen, "--no-control-socket", "served:application"]

    def environment(self) -> Mapping[str, str]:
        return {
            "OS_KEYSTONE_CONFIG_FILES": str(self.directory / "keystone.conf"),
            "OS_KEYSTONE_CONFIG_DIR": str(self.directory),
        }

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def administrator(self) -> Adapter:
        """Requests to this Keystone as its administrator."""
        return self.user("admin", "secret", "admin")

    def user(self, name: str, password: str, project: str) -> Adapter:
        """Requests to this Keystone as a user of the domain `default`."""
        login = Password(
            self.url,
            username=name,
            password=password,
            project_name=project,
            user_domain_id="default",
            project_domain_id="default",
        )
        return Adapter(Session(auth=login), endpoint_override=self.url)

    def _manage(self, *words: str) -> None:
        configuration = f"--config-file={self.directory / 'keystone.conf'}"
        self.run(str(self._program / "keystone-manage"), configuration, *words)
