"""Random callers and targets, and what oslo.policy is told about them."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from oslo_config.cfg import ConfigOpts
from oslo_policy.policy import Enforcer, RuleDefault

from lapilli.model.values import Caller

_IDS = st.sampled_from(["p1", "p2", "", "None", "True"])
_MAYBE_IDS = st.none() | _IDS
_ROLES = st.frozensets(st.sampled_from(["admin", "Admin", "member", "READER", "reader", "service", "p1"]))

callers = st.builds(
    Caller,
    user_id=_IDS,
    project_id=_IDS,
    roles=_ROLES,
    is_admin=st.booleans(),
    service_roles=_ROLES,
    domain_id=_MAYBE_IDS,
    system_scope=st.booleans(),
    user_domain_id=_MAYBE_IDS,
    project_domain_id=_MAYBE_IDS,
    is_admin_project=st.booleans(),
)

targets = st.dictionaries(st.sampled_from(["project_id", "user_id", "domain_id"]), _MAYBE_IDS | st.integers(0, 2))


def credentials(caller: Caller) -> dict[str, Any]:
    """The caller as oslo.context describes one to oslo.policy."""
    names = "user_id project_id domain_id user_domain_id project_domain_id is_admin is_admin_project".split()
    return {
        **{name: getattr(caller, name) for name in names},
        "roles": sorted(caller.roles),
        "service_roles": sorted(caller.service_roles),
        "system_scope": "all" if caller.system_scope else None,
    }


def oslo_policy(defaults: Iterable[RuleDefault], *, enforce_new_defaults: bool = True) -> Enforcer:
    """oslo.policy with these rules and no files."""
    conf = ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    enforcer = Enforcer(conf, policy_file="there is none", use_conf=True)
    enforcer.suppress_deprecation_warnings = True
    conf.set_override("enforce_new_defaults", enforce_new_defaults, group="oslo_policy")
    enforcer.register_defaults(list(defaults))
    enforcer.load_rules()
    enforcer.use_conf = False  # or it would look for files at each question
    return enforcer
