"""The contracts of plug-ins and neighbours, a page for each kind. An optional power is a contract of its own."""
