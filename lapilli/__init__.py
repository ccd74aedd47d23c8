"""Lapilli: a block storage service that speaks the OpenStack Block Storage API v3."""
