"""Filters and weighers by name."""

import pytest

from lapilli.model.errors import Malformed
from lapilli.scheduler.registry import load_filters, load_weighers
from lapilli.scheduler.weighers import SchedulerSettings


def test_defaults() -> None:
    """The defaults are Cinder's, in Cinder's order."""
    settings = SchedulerSettings()
    names = [each.name for each in load_filters(settings.scheduler_default_filters)]
    assert names == ["AvailabilityZoneFilter", "CapacityFilter", "CapabilitiesFilter"]
    (weigher,) = load_weighers(settings.scheduler_default_weighers, settings)
    assert (weigher.name, weigher.multiplier) == ("CapacityWeigher", 1.0)


def test_multipliers_arrive() -> None:
    """A weigher takes its multiplier from the settings."""
    settings = SchedulerSettings(volume_number_multiplier=-3.0)
    names = ["VolumeNumberWeigher", "AllocatedCapacityWeigher", "ChanceWeigher"]
    assert [each.multiplier for each in load_weighers(names, settings)] == [-3.0, -1.0, 1.0]


def test_retry_filter_is_an_alias() -> None:
    """The packaging name of Cinder works as well as the class name."""
    assert [each.name for each in load_filters(["RetryFilter"])] == ["IgnoreAttemptedHostsFilter"]


def test_unknown_names() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(Malformed, match=r"no scheduler filter CapacityFiltre\. Known are .*CapacityFilter, "):
        load_filters(["CapacityFiltre"])
    with pytest.raises(Malformed, match=r"no scheduler weigher CapacityFilter\. Known are .*CapacityWeigher, "):
        load_weighers(["CapacityFilter"], SchedulerSettings())
