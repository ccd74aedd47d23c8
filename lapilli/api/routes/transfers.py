"""The routes of transfers, under their present and their older name."""

from typing import Final

from lapilli.api.handlers import transfers
from lapilli.api.request import Route
from lapilli.api.schemas import transfers as transfer_bodies
from lapilli.api.views import transfers as views

ROUTES: Final = (
    Route("GET", "/volume-transfers", transfers.index, answer=views.SUMMARIES, query=transfers.LISTED),
    Route(
        "POST",
        "/volume-transfers",
        transfers.create,
        202,
        schema=transfer_bodies.CREATE,
        answer=views.CREATED,
        also=(404,),
    ),
    Route("GET", "/volume-transfers/detail", transfers.detail, answer=views.DETAILS, query=transfers.LISTED),
    Route("GET", "/volume-transfers/{id}", transfers.show, answer=views.SHOWN),
    Route("DELETE", "/volume-transfers/{id}", transfers.delete, 202),
    Route(
        "POST",
        "/volume-transfers/{id}/accept",
        transfers.accept,
        202,
        schema=transfer_bodies.ACCEPT,
        answer=views.ACCEPTED,
    ),
    Route("GET", "/os-volume-transfer", transfers.index_of_old, answer=views.SUMMARIES, query=transfers.LISTED_OF_OLD),
    Route(
        "POST",
        "/os-volume-transfer",
        transfers.create_of_old,
        202,
        schema=transfer_bodies.CREATE_OF_OLD,
        answer=views.CREATED,
        also=(404,),
    ),
    Route(
        "GET",
        "/os-volume-transfer/detail",
        transfers.detail_of_old,
        answer=views.DETAILS,
        query=transfers.LISTED_OF_OLD,
    ),
    Route("GET", "/os-volume-transfer/{id}", transfers.show, answer=views.SHOWN),
    Route("DELETE", "/os-volume-transfer/{id}", transfers.delete, 202),
    Route(
        "POST",
        "/os-volume-transfer/{id}/accept",
        transfers.accept,
        202,
        schema=transfer_bodies.ACCEPT,
        answer=views.ACCEPTED,
    ),
)
