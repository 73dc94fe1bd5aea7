"""The matrix of permissions: every route and page with the roles that may open it, from the code in force."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from domain.sign_in.server_key import SCOPES
from domain.staff.access import PERMISSIONS, Permission, Role
from entrypoints.http.app import new_app
from entrypoints.http.security.audited_reads import is_audited
from entrypoints.settings.settings import VARIABLES, load_settings

OPENING: Final = """\
# Who may open what

Printed from the routes themselves by `shulk docs write`. A route without a permission of its own is open to nobody.
Roles come with the platform's token; a member of staff who is suspended here may open nothing. What is below `/console`
also needs a TOTP code, once for each sign-in, and an account here with the same role. What gives money back, changes
an account of staff or erases a person's data asks for a code each time; what ends a discrepancy above a limit, for a
second person.
A [server key](platform.md) opens the routes of its column, if it has their permission among its scopes. What an
*audited* route shows is written to the [audit log](audit.md) before it is shown: who asks, from where, and for what.
"""
BACK_ENDS: Final = "server key"
AUDITED: Final = "audited"
PUBLIC: Final = "anybody"
NEVER_SERVED: Final[Mapping[str, str]] = {
    "SHULK_ENVIRONMENT": "development",
    "SHULK_GATEWAY": "fake",
    "SHULK_GATEWAY_URL": "https://gateway.example.com",
    "SHULK_API_KEY": "no key",
    "SHULK_JWT_SECRET": "no secret, since nothing is served by these settings",
    "SHULK_CIPHER_KEYS": f"none:{'A' * 43}=",
}
"""What settings need besides the documented examples, so that routes can be laid out and read."""


def permissions_page() -> str:
    """Return ``docs/permissions.md`` as it has to be."""
    roles = "".join(
        f"| `{permission}` |"
        + "".join(f" {'yes' if permission in PERMISSIONS[role] else '-'} |" for role in Role)
        + f" {'scope' if permission in SCOPES else '-'} |\n"
        for permission in Permission
    )
    rows = "".join(_row(method, path, handler) for method, path, handler in _routes())
    return (
        f"{OPENING}\n## Permissions of each role\n\n{_head('Permission', after=(BACK_ENDS,))}{roles}\n"
        f"## Routes and pages\n\n{_head('Route', 'Permission', after=(BACK_ENDS, AUDITED))}{rows}"
    )


def _head(*columns: str, after: Sequence[str]) -> str:
    names = (*columns, *(role.value for role in Role), *after)
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"


def _routes() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Walk every method of every address, by address."""
    examples = {each.name: each.example for each in VARIABLES if each.needed}
    settings = load_settings({**examples, **NEVER_SERVED})
    found = [
        (route.path, str(method), handler)
        for route in new_app(settings).routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods - {"HEAD", "OPTIONS"}
    ]
    for path, method, handler in sorted(found, key=lambda each: each[:2]):
        yield method, path, handler


def _row(method: str, path: str, handler: HTTPRouteHandler) -> str:
    needed: set[Permission] = set()
    if handler.opt.get("public"):
        permission, opening = PUBLIC, frozenset(Role)
    else:
        needed = {handler.opt["permission"], handler.opt.get("or_else")} - {None}
        permission = " or ".join(f"`{each}`" for each in sorted(needed))
        opening = frozenset(role for role in Role if PERMISSIONS[role] & needed)
    cells = "".join(f" {'yes' if role in opening else '-'} |" for role in Role)
    keys = "scope" if handler.opt.get("server_keys") else "-"
    audited = any(is_audited(method, handler, each) for each in needed)
    return f"| {method} `{path}` | {permission} |{cells} {keys} | {'yes' if audited else '-'} |\n"
