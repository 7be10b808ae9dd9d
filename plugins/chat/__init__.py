"""The chat plugin: visitors of a web site talk with the desk."""
