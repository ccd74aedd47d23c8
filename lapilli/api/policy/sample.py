"""A policy file with every rule and its default, all commented out, for operators to start from."""

from lapilli.api.policy.rules import RULES


def sample() -> str:
    """The text of a `policy.yaml` that changes nothing."""
    return "\n".join(f'# {rule.description}\n#"{rule.name}": "{rule.check}"\n' for rule in RULES)
