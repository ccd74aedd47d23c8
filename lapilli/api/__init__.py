"""The HTTP edge: routes, schemas, views, microversions, identity and policy."""
