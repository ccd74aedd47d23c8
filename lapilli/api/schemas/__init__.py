"""The JSON schemas of request bodies, one module per resource; they validate, and they are what OpenAPI shows."""
