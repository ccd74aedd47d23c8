"""Real Cinder 29 in one process: its WSGI application, scheduler, volume and backup managers over SQLite.

Only the wires are replaced: messages wait in a queue until `work` delivers them, so that what a client sees between a
request and its execution is always the same. Imported by the recorder, in an environment that has Cinder.
"""

import importlib
import shutil
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import sqlalchemy
from cinder import context, coordination, objects, rpc, service
from cinder.api import api_utils
from cinder.backup import api as backups
from cinder.common import config  # noqa: F401 - registers the options
from cinder.db import api as tables
from cinder.db import migration
from cinder.tests.unit.image import fake as images
from cinder.volume import volume_utils
from keystoneauth1 import exceptions as keystone
from oslo_config import cfg
from oslo_messaging import exceptions as messages
from oslo_messaging._drivers import common as wire
from oslo_messaging.rpc import dispatcher
from oslo_serialization import jsonutils
from paste import deploy

from tests.differential.stage import BACKENDS, HOST, OTHER_PROJECT, PROJECT, Answer, over_wsgi

CONF = cfg.CONF
PASTE = """
[composite:main]
use = egg:Paste#urlmap
/ = versions
/v3 = v3
[pipeline:versions]
pipeline = request_id http_proxy_to_wsgi faultwrap version_app
[pipeline:v3]
pipeline = request_id http_proxy_to_wsgi faultwrap sizelimit context api
[filter:request_id]
paste.filter_factory = cinder.api.middleware.request_id:RequestId.factory
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:faultwrap]
paste.filter_factory = cinder.api.middleware.fault:FaultWrapper.factory
[filter:sizelimit]
paste.filter_factory = oslo_middleware.sizelimit:RequestBodySizeLimiter.factory
[filter:context]
paste.filter_factory = cinder.api.middleware.auth:CinderKeystoneContext.factory
[app:api]
paste.app_factory = cinder.api.v3.router:APIRouter.factory
[app:version_app]
paste.app_factory = cinder.api.versions:Versions.factory
"""
CONFIGURATION = """
[DEFAULT]
host = {host}
state_path = {folder}
transport_url = fake:/
resource_query_filters_file = {prefix}/etc/cinder/resource_filters.json
enabled_backends = {backends}
service_down_time = 100000000
scheduler_driver_init_wait_time = 1
backup_driver = cinder.tests.unit.backup.fake_service.FakeBackupService
backup_use_temp_snapshot = False
volume_usage_audit_period = hour
verify_glance_signatures = disabled
[database]
connection = sqlite:///{folder}/cinder.sqlite
sqlite_synchronous = False
[oslo_concurrency]
lock_path = {folder}
[coordination]
backend_url = file://{folder}
[key_manager]
backend = cinder.keymgr.conf_key_mgr.ConfKeyManager
fixed_key = 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
"""
BACKEND = """
[{name}]
volume_driver = tests.differential.peer_plug_ins.Driver
volume_backend_name = {name}
max_over_subscription_ratio = 1
"""


class Incoming:
    """A message as the dispatcher of oslo.messaging wants it."""

    client_timeout = None

    def __init__(self, ctxt: Any, message: Any) -> None:
        self.ctxt, self.message = ctxt, message


class Post:
    """Who listens to which queue, and the messages that are not yet delivered."""

    def __init__(self) -> None:
        self.servers: dict[tuple[str, str], dispatcher.RPCDispatcher] = {}
        self._waiting: deque[tuple[list[dispatcher.RPCDispatcher], Incoming]] = deque()

    def find(self, target: Any) -> list[dispatcher.RPCDispatcher]:
        topic, _, backend = target.topic.partition(".")
        server = backend or target.server
        return [found for (t, host), found in self.servers.items() if t == topic and server in {None, host}]

    def put(self, target: Any, incoming: Incoming) -> None:
        found = self.find(target)
        self._waiting.append((found if target.fanout else found[:1], incoming))

    def deliver(self) -> None:
        while self._waiting:
            servers, incoming = self._waiting.popleft()
            for server in servers:
                try:
                    server.dispatch(Incoming(dict(incoming.ctxt), dict(incoming.message)))
                except Exception as error:  # noqa: BLE001 - a cast answers nobody
                    print("cast failed:", incoming.message["method"], repr(error)[:300], file=sys.stderr)  # noqa: T201

    def forget(self) -> None:
        self._waiting.clear()


POST = Post()


class Client:
    """What `rpc.get_client` gives."""

    def __init__(self, target: Any, version_cap: Any, serializer: Any) -> None:
        self.target, self._cap, self._serializer = target, version_cap, serializer

    def prepare(self, **changes: Any) -> "Client":
        changes = {
            key: value for key, value in changes.items() if key not in {"timeout", "retry", "call_monitor_timeout"}
        }
        if "version" in changes:
            changes = {**changes, "version": changes["version"]}
        return Client(self.target(**changes), self._cap, self._serializer)

    def can_send_version(self, _version: Any = None) -> bool:
        return True

    def _message(self, ctxt: Any, method: str, arguments: Mapping[str, Any]) -> Incoming:
        sent = {name: self._serializer.serialize_entity(ctxt, value) for name, value in arguments.items()}
        text = jsonutils.dumps({"method": method, "args": sent, "version": self.target.version})
        return Incoming(self._serializer.serialize_context(ctxt), jsonutils.loads(text))

    def cast(self, ctxt: Any, method: str, **arguments: Any) -> None:
        POST.put(self.target, self._message(ctxt, method, arguments))

    def call(self, ctxt: Any, method: str, **arguments: Any) -> Any:
        found = POST.find(self.target)
        if not found:
            raise messages.MessagingTimeout
        try:
            result = found[0].dispatch(self._message(ctxt, method, arguments))
        except dispatcher.ExpectedException as error:
            told = wire.serialize_remote_exception(error.exc_info)
        except Exception:  # noqa: BLE001 - it goes over the wire
            told = wire.serialize_remote_exception(sys.exc_info())
        else:
            return self._serializer.deserialize_entity(ctxt, jsonutils.loads(jsonutils.dumps(result)))
        raise wire.deserialize_remote_exception(told, rpc.get_allowed_exmods())


def _server(target: Any, endpoints: Any, serializer: Any = None) -> Any:
    POST.servers[target.topic, target.server] = dispatcher.RPCDispatcher(
        endpoints, rpc.RequestContextSerializer(serializer), dispatcher.DefaultRPCAccessPolicy
    )
    return mock.Mock()


def _client(target: Any, version_cap: Any = None, serializer: Any = None) -> Client:
    return Client(target, version_cap, rpc.RequestContextSerializer(serializer))


def _project(_context: Any, project_id: str, *_more: Any, **_even_more: Any) -> Any:
    if project_id not in {PROJECT, OTHER_PROJECT}:
        raise keystone.http.NotFound
    return mock.Mock(id=project_id)


class Peer:
    """The service as a stage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = folder / "cinder.sqlite"
        names = ",".join(BACKENDS)
        text = CONFIGURATION.format(host=HOST, folder=folder, prefix=sys.prefix, backends=names)
        (folder / "cinder.conf").write_text(text + "".join(BACKEND.format(name=name) for name in BACKENDS))
        (folder / "paste.ini").write_text(PASTE)
        objects.register_all()
        CONF(["--config-file", str(folder / "cinder.conf")], project="cinder", version="29.0.0")
        rpc.get_client, rpc.get_server = _client, _server
        rpc.init(CONF)
        api_utils.get_project = _project
        volume_utils.brick_get_connector_properties = lambda *_any, **_more: {}
        # Who waits for another service lets it work meanwhile.
        backups.time = importlib.import_module("cinder.volume.manager").time = mock.Mock(
            sleep=lambda _s: POST.deliver(), time=time.time
        )
        migration.db_sync()
        coordination.COORDINATOR.start()
        images.mock_image_service(mock.Mock(mock_object=_replace))
        started = [("cinder-scheduler", HOST, "cinder-scheduler", "cinder.scheduler.manager.SchedulerManager", None)]
        started += [
            ("cinder-volume", f"{HOST}@{name}", "cinder-volume", "cinder.volume.manager.VolumeManager", name)
            for name in BACKENDS
        ]
        started += [
            ("cinder-backup", HOST, "cinder-backup", "tests.differential.peer_plug_ins.BackupManager", "backup")
        ]
        self._services = [
            service.Service.create(host=host, binary=binary, topic=topic, manager=manager, service_name=name)
            if name
            else service.Service.create(host=host, binary=binary, topic=topic, manager=manager)
            for binary, host, topic, manager, name in started
        ]
        for one in self._services:
            one.report_interval = one.periodic_interval = None
            one.start()
        self.work()
        for one in self._services:
            one.report_state()
        self._report()
        self._app = deploy.loadapp(f"config:{folder}/paste.ini", name="main")

    def _report(self) -> None:
        admin = context.get_admin_context()
        for one in self._services:
            if one.binary == "cinder-volume":
                one.manager.stats = {"pools": {}, "allocated_capacity_gb": 0}
                one.manager._report_driver_status(admin)
            if one.binary != "cinder-scheduler":
                one.manager.publish_service_capabilities(admin)
        self.work()

    def save(self, name: str) -> None:
        """Keep the state under the name."""
        shutil.copyfile(self._database, self._folder / name)

    def restore(self, name: str) -> None:
        """Return to the state of that name."""
        POST.forget()
        tables.main_context_manager.writer.get_engine().dispose()
        shutil.copyfile(self._folder / name, self._database)
        for one in self._services:
            if one.binary == "cinder-scheduler":
                one.manager.driver.host_manager.service_states = {}
                one.manager.driver.host_manager.backend_state_map = {}
        images.FakeImageService_reset()
        self._report()

    def put(self, table: str, id: str, columns: Mapping[str, Any]) -> None:
        """Write the columns of a row."""
        words = ", ".join(f"{name} = :{name}" for name in columns)
        with tables.main_context_manager.writer.get_engine().begin() as tx:
            tx.execute(sqlalchemy.text(f"UPDATE {table} SET {words} WHERE id = :id"), {**columns, "id": id})

    def work(self) -> None:
        """Deliver all messages, and those they cause."""
        POST.deliver()

    def send(self, method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """One request over WSGI."""
        try:
            return over_wsgi(self._app, method, target, raw, headers)
        except UnicodeDecodeError:
            # A path that is not UTF-8 breaks even Cinder's outermost layer; a server answers so in its place.
            return Answer(500, {}, "")


def _replace(thing: Any, name: str, value: Any) -> None:
    setattr(thing, name, value)
