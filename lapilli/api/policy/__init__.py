"""Who may do what: Cinder's policy rules, their defaults and the operator's files over them."""

from lapilli.api.policy.enforcer import Policy, PolicySettings

__all__ = ["Policy", "PolicySettings"]
