"""Who answers: one module per resource, its functions named after what the client wants."""
