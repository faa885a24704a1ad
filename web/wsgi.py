"""The application object for a WSGI server: ``gunicorn web.wsgi:app``."""

from web import create_app

app = create_app()
