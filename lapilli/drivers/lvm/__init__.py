"""Volumes as logical volumes of an LVM group, thick or thin."""
