"""The durable-operation engine: a wish is a row, and a row that is due is worked on. It knows no volume."""
