"""The filters: each says of each pool whether it can take the request, and why."""

from collections.abc import Callable
from math import inf
from typing import Final, NamedTuple, Protocol

from lapilli.scheduler.capacity import virtual_free_gib, why_closed
from lapilli.scheduler.pools import PoolState, Request, is_in
from lapilli.scheduler.specs import demands


class Verdict(NamedTuple):
    """A filter's answer for one pool. It is put into words only when somebody reads it."""

    fits: bool
    form: str
    values: tuple[object, ...] = ()

    @property
    def reason(self) -> str:
        """The value that was found and the threshold, in words for an operator."""
        return self.form.format(*self.values)


Judge = Callable[[PoolState], Verdict]


class Filter(Protocol):
    """A rule that pools must satisfy. It keeps nothing between decisions and does no I/O."""

    @property
    def name(self) -> str:
        """Cinder's class name, by which `scheduler_default_filters` asks for it."""

    @property
    def tenant_words(self) -> str:
        """What to tell a tenant about a refusal: no name of a host, backend or pool."""

    def prepare(self, request: Request) -> Judge:
        """Read the request once; the result is called for every pool, also for those that another filter refused."""


class ServiceFilter:
    """The pool's service is up, enabled and not frozen. Always asked."""

    name: Final = "ServiceFilter"
    tenant_words: Final = "some storage is out of service"

    def prepare(self, request: Request) -> Judge:  # noqa: ARG002
        return _in_service


class RequiredBackendFilter:
    """The pool belongs to the backend that the volume's source binds it to. Always asked."""

    name: Final = "RequiredBackendFilter"
    tenant_words: Final = "the volume must be where its source is"

    def prepare(self, request: Request) -> Judge:
        required = request.required
        if not required:
            passes = Verdict(True, "no backend is required")
            return lambda _pool: passes
        return lambda pool: Verdict(is_in(pool, required), "{} is required", (required,))


class AvailabilityZoneFilter:
    """The pool is in one of the zones asked for. No zone asked for means any."""

    name: Final = "AvailabilityZoneFilter"
    tenant_words: Final = "some storage is in another availability zone"

    def prepare(self, request: Request) -> Judge:
        if not request.zones:
            passes = Verdict(True, "no zone asked for")
            return lambda _pool: passes
        zones, asked = request.zones, " or ".join(request.zones)
        known: dict[str, Verdict] = {}

        def judge(pool: PoolState) -> Verdict:
            zone = pool.zone
            if zone not in known:
                known[zone] = Verdict(zone in zones, "in zone {}, {} asked for", (zone, asked))
            return known[zone]

        return judge


class CapacityFilter:
    """The pool has room, with its reserved share and its over-subscription taken into account."""

    name: Final = "CapacityFilter"
    tenant_words: Final = "some storage has not enough free space"

    def prepare(self, request: Request) -> Judge:
        asked, thick = request.size_gib, request.is_thick
        if not asked:
            passes = Verdict(True, "no space asked for")
            return lambda _pool: passes

        def judge(pool: PoolState) -> Verdict:
            if pool.name == request.exists_on:
                return _IS_HERE
            free = virtual_free_gib(pool, thick)
            if free == inf:
                return _without_numbers(pool)
            if thick or not pool.thin:
                return Verdict(free >= asked, "free {:.12g} GiB, {} GiB asked for", (free, asked))
            if free < asked:
                closed = why_closed(pool.total_gib, pool.free_gib, pool.reserved_percentage, pool.capabilities)
                if closed:
                    return Verdict(False, "closed: {}", (closed,))
            ratio = pool.max_over_subscription_ratio
            if ratio < 1:
                return Verdict(False, "max_over_subscription_ratio {:g} is less than 1", (ratio,))
            # Cinder also bounds the ratio after placement, but by ratio² times the space: never the tighter limit.
            return Verdict(free >= asked, _THIN, (free, ratio, asked))

        return judge


class CapabilitiesFilter:
    """The pool's report meets every demand of the type's extra specs."""

    name: Final = "CapabilitiesFilter"
    tenant_words: Final = "some storage does not offer what the volume type asks for"

    def prepare(self, request: Request) -> Judge:
        specs = demands(request.extra_specs)
        extends_attached = request.operation == "extend" and request.is_attached

        def judge(pool: PoolState) -> Verdict:
            capabilities = pool.capabilities
            if extends_attached and not capabilities.get("online_extend_support", True):
                return _NO_ONLINE_EXTEND
            for spec in specs:
                if not spec.meets(capabilities):
                    return Verdict(False, _UNMET, (spec.key, spec.found(capabilities), spec.wanted))
            return _MEETS_ALL

        return judge


class IgnoreAttemptedHostsFilter:
    """The pool has not been tried for this request. Without this filter, tried pools only come last."""

    name: Final = "IgnoreAttemptedHostsFilter"
    tenant_words: Final = "some storage was tried and failed"

    def prepare(self, request: Request) -> Judge:
        excluded = request.excluded
        return lambda pool: _TRIED if any(is_in(pool, name) for name in excluded) else _NOT_TRIED


ALWAYS: Final[tuple[Filter, ...]] = (ServiceFilter(), RequiredBackendFilter())
"""Asked before the filters that the operator has chosen."""

_SERVES: Final = Verdict(True, "up and enabled")
_IS_HERE: Final = Verdict(True, "the volume is here already")
_SAYS_NO_SIZE: Final = Verdict(False, "free space is not reported")
_NO_ONLINE_EXTEND: Final = Verdict(False, "online_extend_support is false and the volume is attached")
_MEETS_ALL: Final = Verdict(True, "every extra spec is met")
_TRIED: Final = Verdict(False, "tried before")
_NOT_TRIED: Final = Verdict(True, "not tried before")
_THIN: Final = "free {:.12g} GiB at over-subscription {:g}, {} GiB asked for"
_UNMET: Final = "{} is {}, {} asked for"


def _in_service(pool: PoolState) -> Verdict:
    if pool.is_up and pool.is_enabled and not pool.is_frozen:
        return _SERVES
    state = "down" if not pool.is_up else "disabled" if not pool.is_enabled else "frozen"
    return Verdict(False, "{}: {}" if pool.why_down else "{}", (state, pool.why_down))


def _without_numbers(pool: PoolState) -> Verdict:
    """The verdict on a pool that lacks the sizes to calculate with."""
    total, free, reserved = pool.total_gib, pool.free_gib, pool.reserved_percentage
    if free is None or total is None:
        return _SAYS_NO_SIZE
    if isinstance(free, str):
        return Verdict(True, "free is {}", (free,))
    return Verdict(not reserved, "total is {}, {} % of it reserved", (total, reserved))
