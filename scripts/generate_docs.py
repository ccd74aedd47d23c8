"""Write the pages of docs/ that are made from the code: states, operations, configuration, microversions.

`python -m scripts.generate_docs --check` writes nothing, and fails if a page is not what the code says.
"""

import argparse
import dataclasses
import sys
from collections.abc import Iterator
from inspect import ismodule
from pathlib import Path

from lapilli.api.microversions import CHANGES
from lapilli.cmd.consumers import CONSUMERS
from lapilli.drivers import registry as drivers
from lapilli.model.options import Option
from lapilli.model.states import TABLES, States
from lapilli.operations import registry
from lapilli.settings.backend import BackendSettings
from lapilli.targets import registry as targets

_DOCS = Path(__file__).parent.parent / "docs"
_MADE = "<!-- made by `make docs`: change the code instead -->"


def states() -> Iterator[str]:
    """The state tables, each with its drawing."""
    yield f"# States\n{_MADE}\n\nThe source is `lapilli/model/states.py`.\n"
    for table in TABLES:
        yield f"## {table.kind.capitalize()}\n"
        yield f"Transient, held by a live operation: {_words(table.transient)}.\n"
        yield from _drawing(table)
        yield "\n| event | from | to |\n|---|---|---|"
        for event, move in table.moves.items():
            yield f"| {event} | {_words(move.frm) or '(nothing)'} | {_words(move.to)} |"
        yield ""


def _drawing(table: States) -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    for event, move in table.moves.items():
        for start in sorted(move.frm) or ["[*]"]:
            for end in sorted(move.to):
                if start != end:
                    yield f"    {_node(start)} --> {_node(end)}: {event}"
    yield "```"


def _node(status: str) -> str:
    return "[*]" if status == "gone" else status.replace("-", "_")


def _words(statuses: frozenset[str]) -> str:
    return ", ".join(f"`{status}`" for status in sorted(statuses))


def operations() -> Iterator[str]:
    """The verbs with their steps."""
    yield f"# Operations\n{_MADE}\n\n`lapilli manage operations list` shows the live ones.\n"
    yield "| kind | what it does | steps | when it fails |\n|---|---|---|---|"
    homes = {module.OPERATION.kind: module for module in vars(registry).values() if ismodule(module)}
    for kind, operation in sorted(registry.OPERATIONS.items()):
        module = homes[kind]
        sentence = (module.__doc__ or "").strip().partition("\n")[0]
        steps = " → ".join(f"`{step.name}`" for step in operation.steps)
        undo = " ".join((operation.fail.effect.__doc__ or "").split())
        yield f"| `{kind}` | {sentence} | {steps} | {undo} |"


def configuration() -> Iterator[str]:
    """Every setting, by section."""
    yield f"# Configuration\n{_MADE}\n\nA `cinder.conf`, or none: every setting has a default."
    yield "`lapilli config check FILE` tells every mistake with its line."
    yield "Names that older releases of Cinder used are taken, with a notice each.\n"
    sections: dict[str, list[type]] = {}
    for consumer, section in CONSUMERS:
        sections.setdefault(f"[{section}]", []).append(consumer)
    sections["A backend's own section, or [backend_defaults]"] = [BackendSettings]
    for name in drivers.known():
        sections[f"The same, with the driver {name}"] = [drivers.get(name).Settings]
    for name in targets.known():
        sections[f"The same, with the target {name}"] = [targets.get(name).Settings]
    for title, consumers in sections.items():
        yield f"## {title}\n\n| option | default | meaning |\n|---|---|---|"
        for consumer in consumers:
            yield from _options(consumer)
        yield ""


def _options(consumer: type) -> Iterator[str]:
    for field in dataclasses.fields(consumer):
        about: Option = field.metadata["option"]
        empty = field.default is None or field.default in {"", ()}
        yield f"| `{field.name}` | {'' if empty else f'`{field.default}`'} | {about.help.replace('|', '/')} |"


def microversions() -> Iterator[str]:
    """What each version of the API brought."""
    yield f"# Microversions\n{_MADE}\n\nThe source is `lapilli/api/microversions.py`. Nothing was ever taken away.\n"
    yield "| version | where | what |\n|---|---|---|"
    for change in CHANGES:
        yield f"| 3.{change:d} | {change.where} | {change.what} |"


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a page is not what the code says")
    checks = parser.parse_args().check
    stale = []
    for page in (states, operations, configuration, microversions):
        path, text = _DOCS / f"{page.__name__}.md", "\n".join(page()).rstrip() + "\n"
        if checks and (not path.exists() or path.read_text() != text):
            stale.append(path.name)
        elif not checks:
            path.write_text(text)
    if stale:
        sys.exit(f"docs/ is not what the code says ({', '.join(stale)}): run make docs")


if __name__ == "__main__":
    main()
