"""Hamdel: a helpdesk server that also trains the people behind the desk."""
