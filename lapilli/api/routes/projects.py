"""The routes of what a project may use and is told: quotas, limits, messages."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import limits, messages, quota_sets
from lapilli.api.request import Route
from lapilli.api.schemas import quota_sets as quota_bodies
from lapilli.api.views import quotas as quota_views
from lapilli.api.views.messages import MESSAGE
from lapilli.api.views.shapes import many, one

_MESSAGE: Final = one("message", MESSAGE)
_MESSAGES: Final = many("messages", MESSAGE, links="messages_links")

ROUTES: Final = (
    Route("GET", "/os-quota-sets/{id}", quota_sets.show, answer=quota_views.QUOTA, query=quota_sets.SHOWN),
    Route(
        "PUT", "/os-quota-sets/{id}", quota_sets.update, schema=quota_bodies.QUOTAS, answer=quota_views.QUOTA_CHANGED
    ),
    Route("DELETE", "/os-quota-sets/{id}", quota_sets.delete),
    Route("GET", "/os-quota-sets/{id}/defaults", quota_sets.defaults, answer=quota_views.QUOTA),
    Route("GET", "/os-quota-class-sets/{id}", quota_sets.show_class, answer=quota_views.CLASS),
    Route(
        "PUT",
        "/os-quota-class-sets/{id}",
        quota_sets.update_class,
        schema=quota_bodies.CLASS_QUOTAS,
        answer=quota_views.CLASS_CHANGED,
    ),
    Route("GET", "/limits", limits.show, answer=quota_views.LIMITS, query=limits.SHOWN),
    Route("GET", "/messages", messages.index, since=since.MESSAGES, answer=_MESSAGES, query=messages.LISTED),
    Route("GET", "/messages/{id}", messages.show, since=since.MESSAGES, answer=_MESSAGE),
    Route("DELETE", "/messages/{id}", messages.delete, 204, since=since.MESSAGES),
)
