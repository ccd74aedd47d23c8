"""The names that older releases of Cinder used, in one table. Each use is read as its successor, with one notice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from lapilli.settings.reader import Entry, Remark


@dataclass(frozen=True)
class Composed:
    """Old options that together make one new one. `sections` are where the parts may stand."""

    sections: Sequence[str]
    parts: Sequence[str]
    section: str
    name: str
    compose: Callable[[Mapping[str, str]], str]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _transport_url(part: Mapping[str, str]) -> str:
    # `$` stays as it is, so that references inside a part are followed like anywhere else.
    user = quote(part.get("rabbit_userid", "guest"), safe="$")
    password = quote(part.get("rabbit_password", "guest"), safe="$")
    port = part.get("rabbit_port", "5672")
    alone = f"{_bracketed(part.get('rabbit_host', '127.0.0.1'))}:{port}"
    listed = [host.strip() for host in part.get("rabbit_hosts", "").split(",") if host.strip()]
    hosts = [host if ":" in host else f"{host}:{port}" for host in listed] or [alone]
    virtual_host = part.get("rabbit_virtual_host", "/")
    path = "" if virtual_host == "/" else quote(virtual_host, safe="$")
    return f"rabbit://{','.join(f'{user}:{password}@{host}' for host in hosts)}/{path}"


def _auth_url(part: Mapping[str, str]) -> str:
    host = _bracketed(part.get("auth_host", "127.0.0.1"))
    prefix = part.get("auth_admin_prefix", "").strip("/")
    return f"{part.get('auth_protocol', 'https')}://{host}:{part.get('auth_port', '35357')}/{prefix}"


def _glance_servers(part: Mapping[str, str]) -> str:
    return f"http://{_bracketed(part.get('glance_host', '127.0.0.1'))}:{part.get('glance_port', '9292')}"


_COMPOSED = (
    Composed(
        ("DEFAULT", "oslo_messaging_rabbit"),
        ("rabbit_host", "rabbit_hosts", "rabbit_port", "rabbit_userid", "rabbit_password", "rabbit_virtual_host"),
        "DEFAULT",
        "transport_url",
        _transport_url,
    ),
    Composed(
        ("keystone_authtoken",),
        ("auth_host", "auth_port", "auth_protocol", "auth_admin_prefix"),
        "keystone_authtoken",
        "auth_url",
        _auth_url,
    ),
    Composed(("DEFAULT",), ("glance_host", "glance_port"), "DEFAULT", "glance_api_servers", _glance_servers),
)

# `*` is any section: the option keeps the one it stands in.
_RENAMED = {
    "*/iscsi_helper": "*/target_helper",
    "*/iscsi_ip_address": "*/target_ip_address",
    "*/iscsi_port": "*/target_port",
    "*/iscsi_protocol": "*/target_protocol",
    "*/iscsi_secondary_ip_addresses": "*/target_secondary_ip_addresses",
    "*/iscsi_target_prefix": "*/target_prefix",
    "*/lvm_max_over_subscription_ratio": "*/max_over_subscription_ratio",
    "DATABASE/sql_connection": "database/connection",
    "DATABASE/sql_idle_timeout": "database/connection_recycle_time",
    "DEFAULT/image_conversion_address_space_limit": "DEFAULT/image_introspection_address_space_limit",
    "DEFAULT/image_conversion_cpu_limit": "DEFAULT/image_introspection_cpu_limit",
    "DEFAULT/kombu_ssl_ca_certs": "oslo_messaging_rabbit/ssl_ca_file",
    "DEFAULT/lock_path": "oslo_concurrency/lock_path",
    "DEFAULT/logdir": "DEFAULT/log_dir",
    "DEFAULT/logfile": "DEFAULT/log_file",
    "DEFAULT/max_request_body_size": "oslo_middleware/max_request_body_size",
    "DEFAULT/notification_driver": "oslo_messaging_notifications/driver",
    "DEFAULT/notification_topics": "oslo_messaging_notifications/topics",
    "DEFAULT/osapi_volume_base_URL": "DEFAULT/public_endpoint",
    "DEFAULT/policy_file": "oslo_policy/policy_file",
    "DEFAULT/rabbit_ha_queues": "oslo_messaging_rabbit/rabbit_ha_queues",
    "DEFAULT/rabbit_use_ssl": "oslo_messaging_rabbit/ssl",
    "DEFAULT/sql_connection": "database/connection",
    "DEFAULT/sql_idle_timeout": "database/connection_recycle_time",
    "DEFAULT/sql_max_overflow": "database/max_overflow",
    "DEFAULT/sql_max_pool_size": "database/max_pool_size",
    "DEFAULT/sql_max_retries": "database/max_retries",
    "DEFAULT/sql_retry_interval": "database/retry_interval",
    "database/idle_timeout": "database/connection_recycle_time",
    "database/sql_connection": "database/connection",
    "database/sql_idle_timeout": "database/connection_recycle_time",
    "database/sql_max_overflow": "database/max_overflow",
    "database/sql_max_pool_size": "database/max_pool_size",
    "database/sql_max_retries": "database/max_retries",
    "database/sql_retry_interval": "database/retry_interval",
    "keystone_authtoken/admin_password": "keystone_authtoken/password",
    "keystone_authtoken/admin_tenant_name": "keystone_authtoken/project_name",
    "keystone_authtoken/admin_user": "keystone_authtoken/username",
    "keystone_authtoken/auth_plugin": "keystone_authtoken/auth_type",
    "keystone_authtoken/auth_uri": "keystone_authtoken/www_authenticate_uri",
    "keystone_authtoken/identity_uri": "keystone_authtoken/auth_url",
    "keystone_authtoken/memcache_servers": "keystone_authtoken/memcached_servers",
    "oslo_messaging_rabbit/kombu_ssl_ca_certs": "oslo_messaging_rabbit/ssl_ca_file",
    "oslo_messaging_rabbit/rabbit_use_ssl": "oslo_messaging_rabbit/ssl",
    "sql/connection": "database/connection",
    "sql/idle_timeout": "database/connection_recycle_time",
}

_IGNORED = {
    "DEFAULT/enable_v1_api": "the version of the API is chosen by each request",
    "DEFAULT/enable_v2_api": "the version of the API is chosen by each request",
    "DEFAULT/enable_v3_api": "the version of the API is always served",
    "DEFAULT/osapi_volume_extension": "all extensions are part of the API",
    "DEFAULT/rpc_backend": "the scheme of transport_url names the bus",
    "DEFAULT/sql_min_pool_size": "the pool keeps the connections that it has opened",
    "DEFAULT/verbose": "what it asked for is always logged; debug asks for more",
    "database/min_pool_size": "the pool keeps the connections that it has opened",
    "database/sql_min_pool_size": "the pool keeps the connections that it has opened",
}


def translate(entries: Sequence[Entry]) -> tuple[list[Entry], list[Remark]]:
    """The entries under today's names, and one notice for each that had an old one. A new name beats its old ones."""
    entries, notices = _compose(entries)
    given = {(entry.section, entry.name): entry for entry in entries}
    kept = []
    for entry in entries:
        if reason := _IGNORED.get(f"{entry.section}/{entry.name}"):
            notices.append(_notice(entry, f"{entry.name} has no effect any more: {reason}"))
        elif successor := _successor(entry):
            notices.append(_old_name(entry, successor, given.get(successor)))
            if successor not in given:
                kept.append(replace(entry, section=successor[0], name=successor[1]))
        else:
            kept.append(entry)
    return kept, notices


def _successor(entry: Entry) -> tuple[str, str] | None:
    new = _RENAMED.get(f"{entry.section}/{entry.name}") or _RENAMED.get(f"*/{entry.name}")
    if new is None:
        return None
    section, name = new.split("/")
    return (entry.section if section == "*" else section), name


def _compose(entries: Sequence[Entry]) -> tuple[list[Entry], list[Remark]]:
    kept, notices = list(entries), list[Remark]()
    for rule in _COMPOSED:
        parts = [entry for entry in kept if entry.section in rule.sections and entry.name in rule.parts]
        if not parts:
            continue
        kept = [entry for entry in kept if entry not in parts]
        target = (rule.section, rule.name)
        given = next((entry for entry in kept if (entry.section, entry.name) == target), None)
        notices += [_old_name(part, target, given, "a part of ") for part in parts]
        if given is None:
            value = rule.compose({part.name: part.value for part in parts})
            kept.append(Entry(*target, value, parts[0].file, parts[0].line))
    return kept, notices


def _old_name(entry: Entry, successor: tuple[str, str], given: Entry | None, role: str = "") -> Remark:
    new = f"[{successor[0]}] {successor[1]}"
    if given:
        return _notice(entry, f"{entry.name} is an old name and has no effect: {new} is set at {given.where}")
    return _notice(entry, f"{entry.name} is an old name; it is read as {role}{new}, which should be written instead")


def _notice(entry: Entry, message: str) -> Remark:
    return Remark(entry.file, entry.line, message)
