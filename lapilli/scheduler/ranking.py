"""The ranking: filter, prefer, weigh, order. The same pools and request always give the same decision."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from lapilli.scheduler.decisions import Decision, FilterColumn, PreferenceColumn, WeigherColumn
from lapilli.scheduler.filters import ALWAYS, Filter
from lapilli.scheduler.pools import PoolState, Request, is_in
from lapilli.scheduler.specs import preferences
from lapilli.scheduler.weighers import Weigher


def rank(
    request: Request, pools: Iterable[PoolState], filters: Sequence[Filter], weighers: Sequence[Weigher]
) -> Decision:
    """Order the pools that pass every filter: by preferences met, then by weight, then by name.

    Every filter is asked about every pool, so that the explanation is complete. Reserving the space is the caller's
    business, pool by pool down the ranking.
    """
    by_name = sorted(pools, key=attrgetter("name"))
    judged = [FilterColumn(each, list(map(each.prepare(request), by_name))) for each in (*ALWAYS, *filters)]
    fitting: Sequence[int] = range(len(by_name))
    for column in judged:
        verdicts = column.verdicts
        fitting = [at for at in fitting if verdicts[at].fits]
    candidates = [by_name[at] for at in fitting]
    preferred = _prefer(request, candidates)
    weighed = [_weigh(weigher, request, candidates) for weigher in weighers]
    totals = _sums([column.contributions for column in weighed], len(candidates))
    met = _sums([column.met for column in preferred], len(candidates))
    # Both sorts are stable and the candidates are in the order of their names: a tie goes to the first name.
    order = sorted(range(len(candidates)), key=totals.__getitem__, reverse=True)
    order.sort(key=met.__getitem__, reverse=True)
    return Decision(request, by_name, judged, fitting, preferred, weighed, totals, order)


def _prefer(request: Request, candidates: Sequence[PoolState]) -> list[PreferenceColumn]:
    columns = [
        PreferenceColumn(f"{spec.key} {spec.wanted}", [spec.meets(pool.capabilities) for pool in candidates])
        for spec in preferences(request.extra_specs)
    ]
    if request.excluded:
        tried = [any(is_in(pool, name) for name in request.excluded) for pool in candidates]
        columns.append(PreferenceColumn("not tried before", [not each for each in tried]))
    return columns


def _weigh(weigher: Weigher, request: Request, candidates: Sequence[PoolState]) -> WeigherColumn:
    raw = weigher.weigh(request, candidates)
    normalised = _normalise(raw)
    multiplier = weigher.multiplier
    return WeigherColumn(weigher.name, raw, normalised, [multiplier * each for each in normalised])


def _normalise(raw: Sequence[float]) -> list[float]:
    """Scale to 0…1; all 0 when there is nothing to tell them apart."""
    lowest, highest = min(raw, default=0), max(raw, default=0)
    span = highest - lowest
    return [(each - lowest) / span for each in raw] if span else [0.0] * len(raw)


def _sums(columns: Sequence[Sequence[float]], length: int) -> list[float]:
    return [sum(row) for row in zip(*columns, strict=True)] if columns else [0.0] * length
