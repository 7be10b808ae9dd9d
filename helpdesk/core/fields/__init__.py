"""Custom fields of tickets and customers: their definitions, their values, and which of them are asked for."""
