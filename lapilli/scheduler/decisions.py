"""A decision and its explanation. The ranking keeps columns of raw answers; words are made when somebody asks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, NamedTuple

from lapilli.scheduler.filters import Filter, ServiceFilter, Verdict
from lapilli.scheduler.pools import PoolState, Request

MOST_ROWS = 100
"""Pools that a stored decision explains one by one, about 0.4 KiB each. Refusals are counted for all."""
_MOST_EXAMPLES = 3


class FilterColumn(NamedTuple):
    """A filter and its verdict on every pool."""

    filter: Filter
    verdicts: Sequence[Verdict]


class PreferenceColumn(NamedTuple):
    """A preference in words, and which of the pools that fit meet it."""

    words: str
    met: Sequence[bool]


class WeigherColumn(NamedTuple):
    """A weigher's name and its numbers for the pools that fit: as measured, scaled to 0…1, and times its multiplier."""

    name: str
    raw: Sequence[float]
    normalised: Sequence[float]
    contributions: Sequence[float]


@dataclass(frozen=True, slots=True)
class Row:
    """One pool's part of a decision. `rank` counts from 1 and is None for a pool that does not fit.

    `checks` are (filter, fits, reason), `preferences` (words, met), `weights` (weigher, raw, normalised, contribution).
    """

    pool: str
    rank: int | None
    checks: tuple[tuple[str, bool, str], ...]
    preferences: tuple[tuple[str, bool], ...] = ()
    weights: tuple[tuple[str, float, float, float], ...] = ()
    weight: float = 0.0


@dataclass(frozen=True)
class Decision:
    """Where a request may go, best first, and why.

    `fitting` are positions in `pools`, `order` positions in `fitting`. The columns of preferences and weighers follow
    `fitting`.
    """

    request: Request
    pools: Sequence[PoolState]
    filters: Sequence[FilterColumn]
    fitting: Sequence[int]
    preferences: Sequence[PreferenceColumn]
    weighers: Sequence[WeigherColumn]
    totals: Sequence[float]
    order: Sequence[int]

    @property
    def ranking(self) -> list[str]:
        """Names of the pools that fit, best first."""
        return [self.pools[self.fitting[at]].name for at in self.order]

    @property
    def awaited(self) -> list[str]:
        """Names of the pools that would fit if only their services were up, which may be soon."""
        others = [column.verdicts for column in self.filters if column.filter.name != ServiceFilter.name]
        return [
            pool.name
            for at, pool in enumerate(self.pools)
            if not pool.is_up
            and pool.is_enabled
            and not pool.is_frozen
            and all(verdicts[at].fits for verdicts in others)
        ]

    @property
    def relaxed(self) -> list[str]:
        """The preferences that the best pool does not meet, a sentence each."""
        if not self.order:
            return []
        unmet = [column for column in self.preferences if not column.met[self.order[0]]]
        return [
            f"{column.words}: {'the best pool meets others' if any(column.met) else 'no pool that fits meets it'}"
            for column in unmet
        ]

    def rows(self, most: int | None = None) -> list[Row]:
        """Every pool's row, or the first `most`: those that fit in their order, then the others by name."""
        return list(islice(self._rows(), most))

    def to_dict(self, most_rows: int = MOST_ROWS) -> dict[str, Any]:
        """What is stored: plain values only, the rows bounded."""
        rows = self.rows(most_rows)
        return {
            "request": _plain_request(self.request),
            "ranking": self.ranking[:most_rows],
            "relaxed": self.relaxed,
            "why_none": self.why_none(),
            "refusals": self.refusals(),
            "pools": len(self.pools),
            "pools_that_fit": len(self.fitting),
            "rows": [_plain(row) for row in rows],
            "rows_left_out": len(self.pools) - len(rows),
        }

    def as_json(self, most_rows: int = MOST_ROWS) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(most_rows), separators=(",", ":"))

    def refusals(self) -> dict[str, str]:
        """The filters that refused pools; for each how many, with examples: `2 of 3 (h@b#p: free 1 GiB, …)`."""
        found = {}
        for column in self.filters:
            refused = [at for at, verdict in enumerate(column.verdicts) if not verdict.fits]
            if refused:
                examples = [f"{self.pools[at].name}: {column.verdicts[at].reason}" for at in refused[:_MOST_EXAMPLES]]
                found[column.filter.name] = f"{len(refused)} of {len(self.pools)} ({'; '.join(examples)})"
        return found

    def why_none(self) -> str:
        """For operators, why no pool fits: each filter with its refusals and examples. Empty if one does."""
        if self.order:
            return ""
        if not self.pools:
            return f"{self._wish()} No pool was reported by any backend."
        return f"{self._wish()} {'; '.join(f'{name} refused {of}' for name, of in self.refusals().items())}."

    def redacted(self) -> str:
        """The same for tenants: no host, backend or pool, and no number of them. Empty if a pool fits."""
        if self.order:
            return ""
        refused = self.refusals()
        words = [column.filter.tenant_words for column in self.filters if column.filter.name in refused]
        return f"{self._wish()} {'; '.join(words).capitalize() or 'No storage is in service'}."

    def _wish(self) -> str:
        return f"No storage fits a request for {self.request.size_gib} GiB."

    def _rows(self) -> Iterator[Row]:
        for rank, at in enumerate(self.order, start=1):
            yield Row(
                self.pools[self.fitting[at]].name,
                rank,
                self._checks(self.fitting[at]),
                tuple((column.words, column.met[at]) for column in self.preferences),
                tuple((w.name, w.raw[at], w.normalised[at], w.contributions[at]) for w in self.weighers),
                self.totals[at],
            )
        fitting = set(self.fitting)
        for at, pool in enumerate(self.pools):
            if at not in fitting:
                yield Row(pool.name, None, self._checks(at))

    def _checks(self, at: int) -> tuple[tuple[str, bool, str], ...]:
        return tuple(
            (column.filter.name, column.verdicts[at].fits, column.verdicts[at].reason) for column in self.filters
        )


def _plain_request(request: Request) -> dict[str, Any]:
    values = {each.name: getattr(request, each.name) for each in fields(request)}
    return values | {"extra_specs": dict(request.extra_specs)}


def _plain(row: Row) -> dict[str, Any]:
    return {
        "pool": row.pool,
        "rank": row.rank,
        "weight": row.weight,
        "checks": [{"filter": name, "fits": fits, "reason": reason} for name, fits, reason in row.checks],
        "preferences": [{"preference": words, "met": met} for words, met in row.preferences],
        "weights": [
            {"weigher": name, "raw": raw, "normalised": normalised, "contribution": contribution}
            for name, raw, normalised, contribution in row.weights
        ],
    }
