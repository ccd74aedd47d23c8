"""The policy rules with their defaults, as Cinder 29 names them. A policy file may override each."""

from lapilli.api.policy.admin_rules import ADMIN_RULES
from lapilli.api.policy.member_rules import MEMBER_RULES
from lapilli.api.policy.reader_rules import READER_RULES
from lapilli.api.policy.rule import Rule

BASE_RULES = (
    Rule("context_is_admin", "role:admin", "Who counts as an administrator (`is_admin:True`)."),
    Rule("admin_api", "is_admin:True or (role:admin and is_admin_project:True)", "Administrators."),
    Rule(
        "xena_system_admin_or_project_reader",
        "(role:admin) or (role:reader and project_id:%(project_id)s)",
        "Administrators, and readers of the project.",
    ),
    Rule(
        "xena_system_admin_or_project_member",
        "(role:admin) or (role:member and project_id:%(project_id)s)",
        "Administrators, and members of the project.",
    ),
    Rule(
        "admin_or_owner",
        "is_admin:True or (role:admin and is_admin_project:True) or project_id:%(project_id)s",
        "Administrators, and everybody in the project: the default of old.",
    ),
    Rule(
        "system_or_domain_or_project_admin",
        "(role:admin and system_scope:all) or (role:admin and domain_id:%(domain_id)s)"
        " or (role:admin and project_id:%(project_id)s)",
        "Administrators of the system, the domain or the project: the default of old for default types.",
    ),
)

RULES = BASE_RULES + READER_RULES + MEMBER_RULES + ADMIN_RULES
