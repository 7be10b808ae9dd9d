"""The application for a WSGI server: the only module that does something when it is imported."""

from helpdesk.app import create_app

app = create_app()
