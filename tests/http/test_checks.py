"""What stands before every route costs as little as it may."""

from litestar.routes import HTTPRoute
from litestar.utils.sync import AsyncCallable

from entrypoints.http.app import new_app
from worlds.settings import settings_with


def test_no_check_is_run_in_a_thread() -> None:
    """
    A check that is no coroutine would be: each request would wait for a thread twice.
    """
    routes = [each for each in new_app(settings_with()).routes if isinstance(each, HTTPRoute)]
    guards = [
        guard
        for route in routes
        for each in route.route_handlers
        for guard in each.resolve_guards()
    ]

    assert guards
    assert not [guard for guard in guards if isinstance(guard, AsyncCallable)]
