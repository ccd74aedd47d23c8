"""Other OpenStack services, as this one needs them. Their errors are translated here; verbs are lent these."""
