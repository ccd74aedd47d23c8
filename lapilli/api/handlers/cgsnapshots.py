"""Snapshots of legacy consistency groups: group snapshots under older URLs. The lists show all, as in Cinder."""

from dataclasses import replace

from lapilli.api import paging
from lapilli.api.handlers import group_snapshots as group_snapshots_api
from lapilli.api.request import Reply, Request
from lapilli.api.views import View
from lapilli.api.views import groups as views

_KEY = "cgsnapshot"


def index(request: Request) -> Reply:
    """List cgsnapshots."""
    return _listing(request, views.SUMMARY)


def detail(request: Request) -> Reply:
    """List cgsnapshots with their details."""
    return _listing(request, views.CGSNAPSHOT)


def _listing(request: Request, view: View) -> Reply:
    """All of the caller's project; there are neither filters nor markers, and a limit of 0 is none."""
    paging.check_names(request.query)
    asked = {name: value for name, value in request.query.items() if name in {"limit", "offset"}}
    page = paging.page_of(
        request._replace(query=asked), {"created_at": "created_at"}, project_id=request.caller.project_id
    )
    if page.limit == 0:
        page = replace(page, limit=request.around.max_limit)
    rows = group_snapshots_api.list_snapshots(request, page)
    return Reply({"cgsnapshots": list(map(view.for_request(request), rows))})


def show(request: Request, id: str) -> Reply:
    """Show a cgsnapshot."""
    with request.around.db.read() as tx:
        row = group_snapshots_api.target(tx, request, id, "group:get_group_snapshot")
    return Reply({_KEY: views.CGSNAPSHOT.for_request(request)(row)})


def create(request: Request) -> Reply:
    """Keep the present bytes of a consistency group's volumes."""
    asked = request.body[_KEY]
    row = group_snapshots_api.take(request, asked["consistencygroup_id"], asked, is_legacy=True)
    return Reply({_KEY: views.SUMMARY.for_request(request)(row)})


def delete(request: Request, id: str) -> Reply:
    """Delete a cgsnapshot."""
    group_snapshots_api.remove(request, id, is_legacy=True)
    return Reply()
