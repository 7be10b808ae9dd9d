"""The demo's customers, so that a newcomer can play both sides of the desk."""
