"""The page at `/`, the documents at `/docs` and the open books at `/outcry/v1`: `page_routes` gives them as routes.

routes  what each address answers      documents  the Markdown of docs/ as pages
index.html, page.css, page.js, icon.svg are served as they are; they load nothing from any other host.
"""

from outcry.gateway.page.routes import page_routes

__all__ = ["page_routes"]
