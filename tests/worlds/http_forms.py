"""Every page of the application and every field of its forms, for tests that leave none out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from worlds.lent_apps import laid_out
from worlds.settings import settings_with

TEMPLATES: Final = Path(__file__).parents[2] / "src" / "entrypoints" / "http" / "templates"
WRITTEN_BY_CODE: Final = frozenset(
    {"merchant_id", "api_key", "response_key", "webhook_user", "webhook_password", "title", "sac"}
)
"""Fields whose names a template takes from the code."""

CHOSEN: Final = frozenset({"csrf_token", "act", "action", "decision", "task", "name_of"})
NO_PAGES: Final = ("/api/", "/health/", "/static/", "/session/")


def names_in_forms() -> frozenset[str]:
    """Return what the fields of all forms are called."""
    found = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in re.findall(r'name="([a-z_]+)"', page.read_text(encoding="utf-8"))
    }
    return frozenset(found | WRITTEN_BY_CODE) - CHOSEN


def routes() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Walk every method of every address of the whole application."""
    for route in laid_out(settings_with(demo_sign_in="true")).routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                    yield str(method), route.path, handler


def pages(method: str) -> list[str]:
    """Return the addresses of all pages that are asked for by *method*."""
    return [
        path
        for known, path, _ in routes()
        if known == method and not path.startswith(NO_PAGES) and not path.endswith("/events")
    ]


def addressed(path: str, parts: Mapping[str, str]) -> str:
    """Return the address of *path* with its *parts*, by name; any other one is 1."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda name: parts.get(name[1], "1"), path)
