"""What people are told when something fails after it was accepted: what was done, why it failed, what to do.

The ids are Cinder's, and clients compare them; the words are ours, and nobody parses them. From 901 on the ids are
ours too, for failures of which Cinder says nothing.
"""

from enum import Enum


class _Numbered(Enum):
    """A number of three digits and the words for it."""

    def __init__(self, id: str, words: str) -> None:
        self.id = id
        self.words = words


class Action(_Numbered):
    """What was being done."""

    SCHEDULE_ALLOCATE_VOLUME = ("001", "Choosing storage for the volume")
    ATTACH_VOLUME = ("002", "Attaching the volume")
    COPY_VOLUME_TO_IMAGE = ("003", "Copying the volume to an image")
    UPDATE_ATTACHMENT = ("004", "Updating the attachment")
    COPY_IMAGE_TO_VOLUME = ("005", "Copying an image to the volume")
    UNMANAGE_VOLUME = ("006", "Giving up the management of the volume")
    EXTEND_VOLUME = ("007", "Extending the volume")
    CREATE_VOLUME_FROM_BACKEND = ("008", "Creating the volume on its storage")
    SNAPSHOT_CREATE = ("009", "Creating the snapshot")
    SNAPSHOT_DELETE = ("010", "Deleting the snapshot")
    SNAPSHOT_UPDATE = ("011", "Updating the snapshot")
    SNAPSHOT_METADATA_UPDATE = ("012", "Updating the snapshot's metadata")
    BACKUP_CREATE = ("013", "Creating the backup")
    BACKUP_DELETE = ("014", "Deleting the backup")
    BACKUP_RESTORE = ("015", "Restoring the backup")
    REIMAGE_VOLUME = ("016", "Writing another image to the volume")
    DELETE_VOLUME = ("901", "Deleting the volume")
    MANAGE_VOLUME = ("902", "Taking over the volume")
    MANAGE_SNAPSHOT = ("903", "Taking over the snapshot")
    REVERT_VOLUME = ("904", "Reverting the volume to its snapshot")
    CREATE_GROUP = ("905", "Creating the group")
    UPDATE_GROUP = ("906", "Updating the group")
    DELETE_GROUP = ("907", "Deleting the group")
    CREATE_GROUP_SNAPSHOT = ("908", "Creating the group snapshot")
    DELETE_GROUP_SNAPSHOT = ("909", "Deleting the group snapshot")


class Detail(_Numbered):
    """Why it failed, and what can be done."""

    UNKNOWN_ERROR = ("001", "It failed; the operator's log has the reason under this request's id.")
    DRIVER_NOT_INITIALIZED = ("002", "The storage is not ready. Try again in a few minutes.")
    NO_BACKEND_AVAILABLE = (
        "003",
        "No storage that is up has the space and what the type asks for. Try less, another type or zone, or later.",
    )
    FAILED_TO_UPLOAD_VOLUME = ("004", "The image service did not take the bytes. The volume is as before; try again.")
    VOLUME_ATTACH_MODE_INVALID = ("005", "The volume is read-only. Attach it with mode ro.")
    QUOTA_EXCEED = ("006", "A quota is used up. Delete something, or ask the operator for more.")
    NOT_ENOUGH_SPACE_FOR_IMAGE = ("007", "There is no room to convert the image. Ask the operator, or use a raw image.")
    UNMANAGE_ENC_NOT_SUPPORTED = ("008", "An encrypted volume cannot be given up: its key would be lost.")
    NOTIFY_COMPUTE_SERVICE_FAILED = ("009", "The compute service could not be told. Reattach the volume to see it.")
    DRIVER_FAILED_EXTEND = ("010", "The storage could not grow it. Its bytes are as before; ask the operator.")
    SIGNATURE_VERIFICATION_FAILED = ("011", "The image's signature is not right. Do not use the image.")
    DRIVER_FAILED_CREATE = ("012", "No storage that could take it was able to make it. Delete it and try again.")
    SNAPSHOT_CREATE_ERROR = ("013", "The storage could not keep it. Delete the snapshot and try again.")
    SNAPSHOT_UPDATE_METADATA_FAILED = ("014", "The snapshot's metadata could not be written. Try again.")
    SNAPSHOT_IS_BUSY = ("015", "It is in use. Delete what is made of it first, and try again.")
    SNAPSHOT_DELETE_ERROR = (
        "016",
        "The storage refused. See that nothing uses it and delete it again, or ask the operator.",
    )
    BACKUP_INVALID_STATE = ("017", "The backup's status changed meanwhile. Look at it, and try again.")
    BACKUP_SERVICE_DOWN = ("018", "No backup service is up. Ask the operator.")
    BACKUP_CREATE_DEVICE_ERROR = ("019", "The bytes to be backed up could not be read. Ask the operator.")
    BACKUP_CREATE_DRIVER_ERROR = ("020", "The backup store did not take the bytes. Delete the backup and try again.")
    ATTACH_ERROR = ("021", "The host could not be let in. Delete the attachment and try again.")
    DETACH_ERROR = ("022", "The host could not be shut out. Detach again, or ask the operator.")
    BACKUP_CREATE_CLEANUP_ERROR = ("023", "What the backup was read from could not be removed. Ask the operator.")
    BACKUP_SCHEDULE_ERROR = ("024", "No backup service can take it. Ask the operator.")
    BACKUP_DELETE_DRIVER_ERROR = ("025", "The backup store could not delete it. Delete it again, or ask the operator.")
    BACKUP_RESTORE_ERROR = ("026", "The backup could not be written to the volume, whose bytes are not complete now.")
    VOLUME_INVALID_STATE = ("027", "The volume's status does not allow it. Look at it, and try again.")
    REIMAGE_VOLUME_FAILED = ("028", "The image could not be written to the volume, whose bytes are not complete now.")
    IMAGE_FORMAT_UNACCEPTABLE = ("029", "The image's format is not taken, or is not what the image says it is.")
    INCREMENTAL_BACKUP_FORCES_FULL_BACKUP = ("030", "There was no backup to build on, so a full one was made.")
    VOLUME_DELETE_ERROR = (
        "901",
        "The storage refused to delete all of it. See that nothing uses it, delete it again, or ask the operator.",
    )
    MANAGE_ERROR = ("902", "The storage could not hand it over. It is untouched under its old name; delete the entry.")
    REVERT_ERROR = (
        "903",
        "The storage could not put the bytes back. Look at the volume's status, and ask the operator.",
    )
    GROUP_COPY_ERROR = ("904", "Not every volume could be copied. Delete the group with its volumes, and try again.")


class Level(Enum):
    """How bad it is."""

    ERROR = "ERROR"
    WARNING = "WARNING"


class Resource(Enum):
    """What kind of thing it happened to, as event ids name it."""

    VOLUME = "VOLUME"
    SNAPSHOT = "VOLUME_SNAPSHOT"
    BACKUP = "VOLUME_BACKUP"
    GROUP = "VOLUME_GROUP"
    GROUP_SNAPSHOT = "VOLUME_GROUP_SNAPSHOT"


def event_id(resource: Resource, action: Action, detail: Detail) -> str:
    """The id by which clients know a message: `VOLUME_VOLUME_001_003`."""
    return f"VOLUME_{resource.value}_{action.id}_{detail.id}"


def words(action_id: str, detail_id: str) -> str:
    """The sentence for people: what was done, a colon, why it failed and what to do."""
    action = next((each.words for each in Action if each.id == action_id), "Doing what was asked")
    detail = next((each.words for each in Detail if each.id == detail_id), Detail.UNKNOWN_ERROR.words)
    return f"{action}:{detail}"
