"""`lapilli manage explain`: why a volume is where it is, or why it is nowhere."""

from collections.abc import Iterator
from typing import Any

import click

from lapilli.cmd.manage.site import Site
from lapilli.cmd.tables import table
from lapilli.db import decisions
from lapilli.model.errors import NotFound


@click.command("explain")
@click.argument("volume")
@click.pass_obj
def explain(site: Site, volume: str) -> None:
    """Show the scheduler's decisions about VOLUME (its id): every pool, every filter's answer, every weight."""
    with site.db.read() as tx:
        rows = decisions.of_resource(tx, volume)
    if not rows:
        raise NotFound("A decision about volume", volume)
    for row in rows:
        click.echo("\n".join(told(row)))


def told(row: Any) -> Iterator[str]:
    """The lines about one decision."""
    facts = row.explanation
    size_gib = facts["request"]["size_gib"]
    yield f"{row.at}  {size_gib} GiB asked for: {row.chosen or 'no pool'} chosen of {facts['pools']} pools"
    if facts["why_none"]:
        yield facts["why_none"]
    for sentence in facts["relaxed"]:
        yield f"preference not met: {sentence}"
    yield from _pools(facts["rows"])
    if facts["rows_left_out"]:
        yield f"… and {facts['rows_left_out']} more pools"
    yield ""


def _pools(pools: list[dict[str, Any]]) -> Iterator[str]:
    for pool in pools:
        place = f"number {pool['rank']}, weight {pool['weight']:.3f}" if pool["rank"] else "does not fit"
        yield f"\n{pool['pool']}: {place}"
        checks = [(each["filter"], "fits" if each["fits"] else "REFUSES", each["reason"]) for each in pool["checks"]]
        wishes = [(each["preference"], "met" if each["met"] else "not met", "") for each in pool["preferences"]]
        weights = [
            (each["weigher"], f"{each['contribution']:+.3f}", f"{each['normalised']:.3f} of {each['raw']:g}")
            for each in pool["weights"]
        ]
        for line in table(("Rule", "Answer", "Reason"), checks + wishes + weights):
            yield f"  {line}"
