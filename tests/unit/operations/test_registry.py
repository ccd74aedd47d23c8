"""Every operation by kind."""

from inspect import ismodule
from pathlib import Path

import lapilli.operations
from lapilli.operations import registry
from lapilli.operations.registry import OPERATIONS


def test_every_operation_is_known() -> None:
    """No module of the room has an operation that workers would not find by its kind."""
    (folder,) = lapilli.operations.__path__
    modules = [path.stem for path in Path(folder).glob("*.py") if "OPERATION = " in path.read_text("utf-8")]
    assert sorted(modules) == sorted(name for name, each in vars(registry).items() if ismodule(each))
    assert all(kind == operation.kind for kind, operation in OPERATIONS.items())


def test_names_of_steps() -> None:
    """A row that stands at a step finds it: the names within an operation differ."""
    for operation in OPERATIONS.values():
        steps = (*operation.steps, operation.fail)
        assert len({step.name for step in steps}) == len(steps)
        assert all(operation.find_step(step.name) is step for step in steps)
