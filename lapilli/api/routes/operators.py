"""The routes of what operators look at and turn: services, pools, zones."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api import resource_filters
from lapilli.api.handlers import (
    capabilities,
    clusters,
    extensions,
    hosts,
    log_levels,
    pools,
    services,
    workers,
    zones,
)
from lapilli.api.request import Route
from lapilli.api.schemas import clusters as cluster_bodies
from lapilli.api.schemas import services as service_bodies
from lapilli.api.views import clusters as cluster_views
from lapilli.api.views import operators as views

ROUTES: Final = (
    Route("GET", "/os-services", services.index, answer=views.SERVICES, query=services.LISTED),
    Route(
        "PUT", "/os-services/enable", services.enable, schema=service_bodies.SWITCH, answer=views.SWITCHED, also=(404,)
    ),
    Route(
        "PUT",
        "/os-services/disable",
        services.disable,
        schema=service_bodies.SWITCH,
        answer=views.SWITCHED,
        also=(404,),
    ),
    Route(
        "PUT",
        "/os-services/disable-log-reason",
        services.disable_with_reason,
        schema=service_bodies.DISABLE_WITH_REASON,
        answer=views.DISABLED_WITH_REASON,
        also=(404,),
    ),
    Route("PUT", "/os-services/freeze", services.freeze, schema=service_bodies.FREEZE),
    Route("PUT", "/os-services/thaw", services.thaw, schema=service_bodies.FREEZE),
    Route("PUT", "/os-services/failover_host", services.failover, 202, schema=service_bodies.FAILOVER),
    Route(
        "PUT",
        "/os-services/get-log",
        log_levels.show,
        since=since.LOG_LEVELS,
        schema=service_bodies.GET_LOG,
        answer=views.LOG_LEVELS,
    ),
    Route("PUT", "/os-services/set-log", log_levels.update, 202, since=since.LOG_LEVELS, schema=service_bodies.SET_LOG),
    Route(
        "GET", "/clusters", clusters.index, since=since.CLUSTERS, answer=cluster_views.SUMMARIES, query=clusters.LISTED
    ),
    Route(
        "GET",
        "/clusters/detail",
        clusters.detail,
        since=since.CLUSTERS,
        answer=cluster_views.DETAILS,
        query=clusters.LISTED,
    ),
    Route(
        "PUT",
        "/clusters/enable",
        clusters.enable,
        since=since.CLUSTERS,
        schema=cluster_bodies.ENABLE,
        answer=cluster_views.SWITCHED,
        also=(404,),
    ),
    Route(
        "PUT",
        "/clusters/disable",
        clusters.disable,
        since=since.CLUSTERS,
        schema=cluster_bodies.DISABLE,
        answer=cluster_views.SWITCHED,
        also=(404,),
    ),
    Route("GET", "/clusters/{name}", clusters.show, since=since.CLUSTERS, answer=cluster_views.CLUSTER),
    Route(
        "POST",
        "/workers/cleanup",
        workers.cleanup,
        202,
        since=since.CLEANUP,
        schema=cluster_bodies.CLEANUP,
        answer=views.CLEANED,
    ),
    Route("GET", "/os-hosts", hosts.index, answer=views.HOSTS, query=hosts.LISTED),
    Route("GET", "/os-hosts/{host}", hosts.show, answer=views.HOST),
    Route("PUT", "/os-hosts/{host}", hosts.update, schema=service_bodies.HOST, answer=views.HOST_SWITCHED),
    Route("GET", "/capabilities/{host}", capabilities.show, answer=views.CAPABILITIES),
    Route("GET", "/scheduler-stats/get_pools", pools.index, answer=views.POOLS, query=pools.LISTED, also=(404,)),
    Route("GET", "/os-availability-zone", zones.index, answer=views.ZONES),
    Route(
        "GET",
        "/resource_filters",
        resource_filters.index,
        since=since.RESOURCE_FILTERS,
        answer=views.FILTERS,
        query=resource_filters.LISTED,
    ),
    Route("GET", "/extensions", extensions.index, answer=views.EXTENSIONS),
    Route("GET", "/extensions/{alias}", extensions.show, answer=views.EXTENSION),
)
