"""How the desk reaches its database: engine, base, rows, locks and leases."""
