"""The `lvm` driver as an operator's file asks for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lapilli.drivers import registry
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols import storage
from lapilli.settings.backend import BackendSettings
from lapilli.settings.settings import load


def test_it_is_the_default_under_all_its_names(tmp_path: Path) -> None:
    """A section that names no driver has it, and Cinder's classes are it."""
    path = tmp_path / "cinder.conf"
    path.write_text("[DEFAULT]\nenabled_backends = lvm1\n[lvm1]\nvolume_backend_name = LOLLA\n")
    default = load(path).backend("lvm1", BackendSettings).volume_driver
    for name in (
        default,
        "lvm",
        "cinder.volume.drivers.lvm.LVMISCSIDriver",
        "cinder.volume.drivers.lvm.LVMVolumeDriver",
    ):
        assert registry.get(name) is LvmDriver


def test_cinders_options_are_read(tmp_path: Path) -> None:
    """Names and defaults are Cinder's, and so are the older names."""
    path = tmp_path / "cinder.conf"
    path.write_text(
        "[DEFAULT]\nenabled_backends = a, b\n[a]\n[b]\nvolume_group = storage\nlvm_type = thin\n"
        "lvm_max_over_subscription_ratio = 1.5\nlvm_conf_file = None\nvolume_clear_size = 100\n"
        "volume_clear_ionice = -c3\n"
    )
    settings = load(path)
    assert settings.backend("a", LvmSettings) == LvmSettings(
        volume_group="cinder-volumes",
        lvm_type="auto",
        lvm_mirrors=0,
        lvm_conf_file="/etc/cinder/lvm.conf",
        lvm_suppress_fd_warnings=False,
        volume_clear="zero",
        volume_clear_size=0,
        volume_clear_ionice=None,
        max_over_subscription_ratio="20.0",
    )
    assert settings.backend("b", LvmSettings) == LvmSettings(
        volume_group="storage",
        lvm_type="thin",
        lvm_conf_file=None,
        volume_clear_size=100,
        volume_clear_ionice="-c3",
        max_over_subscription_ratio="1.5",
    )


def test_it_has_its_powers(tmp_path: Path) -> None:
    """What it can do it says by protocols; snapshots of several volumes at one moment it cannot make."""
    start: Callable[[LvmSettings, str], storage.StorageDriver] = LvmDriver
    driver = start(LvmSettings("storage"), "here")
    for power in (
        storage.RevertsSnapshots,
        storage.ManagesExisting,
        storage.ReceivesBytes,
        storage.WipesLater,
        storage.Describes,
    ):
        assert isinstance(driver, power)
    assert not isinstance(driver, storage.SnapshotsGroups)


def test_mistakes_in_the_file_are_told_before_anything_is_done() -> None:
    """They need no volume group to be found."""
    with pytest.raises(Malformed, match="volume_group"):
        LvmDriver(LvmSettings("no/group"), "here")
    for settings, why in (
        (LvmSettings("storage", max_over_subscription_ratio="0.5"), "max_over_subscription_ratio"),
        (LvmSettings("storage", volume_clear_ionice="often"), "volume_clear_ionice"),
        (LvmSettings("storage", lvm_type="thin", lvm_mirrors=1), "lvm_type to default"),
    ):
        with pytest.raises((BackendFailed, Malformed), match=why):
            LvmDriver(settings, "here").check()


def test_other_pools_and_names_are_refused() -> None:
    """A backend has one pool, and snapshots are found under both their names."""
    driver = LvmDriver(LvmSettings("storage"), "here")
    with pytest.raises(Malformed, match="one pool"):
        driver.create_volume("volume-a", 1, "there")
    for name in ("snapshot-a", "_snapshot-a"):
        assert driver.existing_name({"source-name": name}) == "snapshot-a"
    assert driver.path("snapshot-a") == "/dev/storage/_snapshot-a"
    for name in ("", "../volume-a", "lapilli.gone1.volume-a", "x_tdata"):
        with pytest.raises(Malformed):
            driver.existing_name({"source-name": name})
