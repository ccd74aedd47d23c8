"""What Cinder answered, as files: one for each family of scenarios, every distinct answer once.

A file is gzipped JSON lines: how many answers there are, the answers, then each scenario with the labels of its
requests and the numbers of their answers.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.differential.player import Seen

FOLDER = Path(__file__).parent / "recordings"


def write(family: str, played: Mapping[str, Iterable[Seen]]) -> None:
    """Keep what was seen in each scenario of the family. Equal answers make equal files."""
    numbers: dict[str, int] = {}
    lines = []
    for name, answers in played.items():
        told = [(label, _number(numbers, (status, headers, body))) for label, status, headers, body in answers]
        lines.append(json.dumps([name, [label for label, _ in told], [number for _, number in told]]))
    text = "\n".join([str(len(numbers)), *numbers, *lines, ""])
    _file(family).write_bytes(gzip.compress(text.encode(), mtime=0))


def read(family: str) -> dict[str, list[Seen]]:
    """Scenario → what was seen."""
    lines = gzip.decompress(_file(family).read_bytes()).decode().splitlines()
    answers = [json.loads(line) for line in lines[1 : 1 + int(lines[0])]]
    return {
        name: [(label, *answers[number]) for label, number in zip(labels, numbers, strict=True)]
        for name, labels, numbers in map(json.loads, lines[1 + len(answers) :])
    }


def _number(numbers: dict[str, int], answer: tuple[int, Mapping[str, str], Any]) -> int:
    return numbers.setdefault(json.dumps(answer), len(numbers))


def _file(family: str) -> Path:
    return FOLDER / f"{family}.jsonl.gz"
