"""What stands in for Neutron: one shared network without a wire.

Tempest asks it to tidy up what its projects have, and Nova for a port per server. Nothing is checked, nobody is asked
for a token, and all is kept in memory.
"""

import itertools
import json
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.process import free_port

Row = dict[str, Any]

_NETWORK_ID, _SUBNET_ID = str(uuid.uuid4()), str(uuid.uuid4())
_EXTENSIONS = ("binding", "security-group", "port-security", "external-net")
_ANY_PROJECT = {"project_id": "", "tenant_id": "", "admin_state_up": True, "status": "ACTIVE"}
_NETWORK = {"name": "shared", "shared": True, "subnets": [_SUBNET_ID], "mtu": 1450, "router:external": False}
# Of loopback addresses: what a test sends to a server that is none stays on this machine.
_SUBNET = {"name": "shared", "network_id": _NETWORK_ID, "ip_version": 4, "cidr": "127.99.0.0/16", "enable_dhcp": False}
_SUBNET_MORE = {"gateway_ip": "127.99.0.1", "dns_nameservers": [], "host_routes": []}
_PORT = {"device_id": "", "device_owner": "", "binding:vnic_type": "normal", "binding:profile": {}}
_PORT_MORE = {"security_groups": [], "allowed_address_pairs": [], "port_security_enabled": False}
# Of a query, these say how to answer and not which rows.
_MANNERS = frozenset({"fields", "limit", "marker", "sort_key", "sort_dir"})


class Network:
    """The rows, by collection and id."""

    def __init__(self) -> None:
        self._numbers = itertools.count(10)
        self._lock = threading.Lock()
        networks = {_NETWORK_ID: {"id": _NETWORK_ID, **_ANY_PROJECT, **_NETWORK}}
        subnets = {_SUBNET_ID: {"id": _SUBNET_ID, **_ANY_PROJECT, **_SUBNET, **_SUBNET_MORE}}
        extensions = {name: {"alias": name, "name": name, "description": name, "links": []} for name in _EXTENSIONS}
        self._tables: dict[str, dict[str, Row]] = {"networks": networks, "subnets": subnets, "extensions": extensions}

    def answer(
        self, method: str, path: Sequence[str], query: Mapping[str, Sequence[str]], body: Row
    ) -> tuple[int, Row]:
        """Status and body for a request to a collection, or with its id to a row."""
        collection, *ids = path
        if collection == "quotas":
            return 200, {"quota": dict.fromkeys(("network", "port", "security_group"), -1)}
        many = collection.replace("-", "_")
        one = many.removesuffix("s")
        with self._lock:
            table = self._tables.setdefault(collection, {})
            if not ids and method == "GET":
                return 200, {many: [row for row in table.values() if _fits(row, query)]}
            if not ids:
                row = {"id": str(uuid.uuid4()), "name": "", **body[one]}
                table[row["id"]] = self._port(row) if one == "port" else row
                return 201, {one: row}
            if ids[0] not in table:
                fault = {"type": f"{one.title()}NotFound", "message": f"There is no {one} {ids[0]}.", "detail": ""}
                return 404, {"NeutronError": fault}
            if method == "DELETE":
                del table[ids[0]]
                return 204, {}
            table[ids[0]].update(body.get(one, {}))
            return 200, {one: self._port(table[ids[0]]) if one == "port" else table[ids[0]]}

    def _port(self, row: Row) -> Row:
        """A port has an address, and is bound as soon as it has a host."""
        number = next(self._numbers)
        address = {"subnet_id": _SUBNET_ID, "ip_address": f"127.99.{number >> 8 & 255}.{number & 255}"}
        is_bound = bool(row.get("binding:host_id"))
        new = {"fixed_ips": [address], "mac_address": f"fa:16:3e:00:{number >> 8 & 255:02x}:{number & 255:02x}"}
        row.update({**_ANY_PROJECT, **_PORT, **_PORT_MORE, "network_id": _NETWORK_ID, **new, **row})
        row["binding:profile"] = row["binding:profile"] or {}
        row["binding:vif_type"] = "ovs" if is_bound else "unbound"
        row["binding:vif_details"] = {"port_filter": True, "bridge_name": "br-int"} if is_bound else {}
        row["status"] = "ACTIVE" if is_bound else "DOWN"
        return row


def _fits(row: Row, query: Mapping[str, Sequence[str]]) -> bool:
    """What a row does not say of itself, such as its project, fits any question."""
    wanted = {name: [each.lower() for each in values] for name, values in query.items() if name not in _MANNERS}
    return all(str(row[name]).lower() in values for name, values in wanted.items() if name in row)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network

    def _answer(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        path = url.path.removesuffix(".json").removeprefix("/v2.0").strip("/").split("/")
        if path == [""]:
            status, body = 200, {"versions": [{"id": "v2.0", "status": "CURRENT", "links": []}]}
        else:
            status, body = self.network.answer(self.command, path, parse_qs(url.query), json.loads(text or "{}"))
        answer = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that are looked for

    def log_message(self, *_words: object) -> None:
        pass


@contextmanager
def network_service() -> Iterator[str]:
    """The URL of a network service, for the time of a block."""
    handler = type("Handler", (_Handler,), {"network": Network()})
    with ThreadingHTTPServer(("127.0.0.1", free_port()), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
