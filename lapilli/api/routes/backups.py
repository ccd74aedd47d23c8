"""The routes of backups."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import backup_records, backups
from lapilli.api.request import Route
from lapilli.api.schemas import backups as bodies
from lapilli.api.views import backups as views

ROUTES: Final = (
    Route("GET", "/backups", backups.index, answer=views.SUMMARIES, query=backups.LISTED),
    Route("POST", "/backups", backups.create, 202, schema=bodies.CREATE, answer=views.CHANGED, also=(404,)),
    Route("GET", "/backups/detail", backups.detail, answer=views.DETAILS, query=backups.LISTED),
    Route(
        "POST", "/backups/import_record", backup_records.import_record, 201, schema=bodies.IMPORT, answer=views.CHANGED
    ),
    Route("GET", "/backups/{id}", backups.show, answer=views.SHOWN),
    Route(
        "PUT", "/backups/{id}", backups.update, since=since.BACKUP_UPDATE, schema=bodies.UPDATE, answer=views.CHANGED
    ),
    Route("DELETE", "/backups/{id}", backups.delete, 202),
    Route("POST", "/backups/{id}/restore", backups.restore, 202, schema=bodies.RESTORE, answer=views.RESTORED),
    Route("GET", "/backups/{id}/export_record", backup_records.export_record, answer=views.RECORD),
    backup_records.ACTIONS.route("/backups/{id}/action"),
)
