"""`cinder` and backups: whole and incremental ones, their records, and volumes that are made of them."""

from tests.system.walk.world import WalkedCinder, World


def _volume(world: World, cinder: WalkedCinder) -> str:
    return world.service.settled("volume", cinder.ask("create", "--volume-type", "fast", "1").facts["id"])


def _backup(world: World, cinder: WalkedCinder, *words: str) -> str:
    return world.service.settled("backup", cinder.ask("backup-create", *words).facts["id"])


def backups(world: World, cinder: WalkedCinder) -> None:
    """A volume is backed up twice, and what it was at both times comes back."""
    volume = _volume(world, cinder)
    world.write(volume, b"full")
    first = _backup(world, cinder, "--name", "first", "--container", "shelf", "--metadata", "a=b", volume)
    world.write(volume, b"more")
    second = _backup(world, cinder, "--name", "second", "--incremental", volume)
    assert {row["ID"]: row["Name"] for row in cinder.ask("backup-list").rows} == {first: "first", second: "second"}
    cinder.ask("backup-update", "--name", "base", "--description", "d", "first")
    shown = cinder.ask("backup-show", "base").facts
    assert (shown["description"], shown["container"], shown["has_dependent_backups"]) == ("d", "shelf", "True")
    assert cinder.ask("backup-show", second).facts["is_incremental"] == "True"
    cinder.ask("backup-reset-state", "--state", "error", second)
    cinder.ask("reset-state", "--type", "backup", "--state", "available", second)
    restored = cinder.ask("backup-restore", "--volume", volume, first).facts
    assert (restored["backup_id"], restored["volume_id"]) == (first, volume)
    world.service.settled("volume", volume)
    assert world.read(volume) == b"full"
    cinder.ask("delete", volume)
    world.gone("volume", volume)
    again = cinder.ask("create", "--backup-id", second, "--volume-type", "slow", "1").facts["id"]
    world.service.settled("volume", again)
    assert world.read(again) == b"more"
    cinder.ask("delete", again)
    world.gone("volume", again)
    assert "incremental backups on top" in cinder.refused("backup-delete", first)
    for backup in (second, first):
        cinder.ask("backup-delete", "--force", backup)
        world.gone("backup", backup)


def records(world: World, cinder: WalkedCinder) -> None:
    """A backup that the service has forgotten is known again by its record."""
    volume = _volume(world, cinder)
    world.write(volume, b"full")
    backup = _backup(world, cinder, volume)
    record = cinder.ask("backup-export", backup).facts
    stored = {path: path.read_bytes() for path in (world.data / "backup").rglob("*") if path.is_file()}
    cinder.ask("backup-delete", backup)
    world.gone("backup", backup)
    for path, data in stored.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    imported = cinder.ask("backup-import", record["backup_service"], record["backup_url"]).facts["id"]
    assert imported == backup
    world.service.settled("backup", backup)
    made = cinder.ask("backup-restore", "--name", "restored", backup).facts["volume_id"]
    world.service.settled("volume", made)
    assert world.read(made) == b"full"
    cinder.ask("backup-delete", backup)
    world.gone("backup", backup)
    cinder.ask("delete", volume, made)
    world.gone("volume", volume)
    world.gone("volume", made)


STAGES = (backups, records)
