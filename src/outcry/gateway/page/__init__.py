"""The page at `/` and the documents at `/docs`: `page_routes(state, recent)` gives them as Starlette routes.

routes     what each address answers            now    the figures that the page shows, once a second
documents  the Markdown of docs/ as pages
index.html, page.css, page.js, icon.svg are served as they are; they load nothing from any other host.
"""

from outcry.gateway.page.routes import page_routes

__all__ = ["page_routes"]
