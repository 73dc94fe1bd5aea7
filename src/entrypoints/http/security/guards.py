"""The checks before every route: a rate limit, a form token, a permission. A route without one is refused."""

import hashlib
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from litestar.connection import ASGIConnection, Request
from litestar.enums import HttpMethod, RequestEncodingType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.routes import HTTPRoute

from application.audit.record_access import Access
from domain.sign_in.server_key import ServerKeyInvalid
from domain.staff.access import NotAllowed, Permission, is_of_students
from domain.staff.staff_member import StaffId, StaffSuspended
from domain.text.card_number import redact
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import SessionCookies, caller_of
from entrypoints.http.security.client_address import address_of, network_of
from entrypoints.http.security.failed_authentication import FailedAuthentication
from entrypoints.http.security.identity import (
    Caller,
    TokenInvalid,
    TokenReader,
    bearer_token,
    not_signed_in,
)
from entrypoints.http.security.rate_limits import Budget, Limits, Standing, among, standings_of
from entrypoints.http.security.server_callers import (
    is_server_key,
    needs_student,
    refuse_student_header,
    server_caller,
)
from entrypoints.logs.setup import correlation_id
from entrypoints.telemetry.telemetry import Telemetry
from ports.audit_log import Origin, Source

log = logging.getLogger(__name__)

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_HEADER: Final = "X-CSRF-Token"
FORM_FIELD: Final = "csrf_token"
AGENT_MAX: Final = 300
NOBODY: Final = "anonymous"
CONFIRMED_BY_TOTP: Final = frozenset(
    {
        Budget.REFUND,
        Budget.REFUND_DECISION,
        Budget.RESOLUTION,
        Budget.CONFIGURATION,
        Budget.CONSOLE_CODE,
    }
)
"""The budgets of acts that a TOTP code confirms."""

OF_OFFICERS: Final = frozenset({Budget.REFUND, Budget.REFUND_DECISION})
"""Counted by what was written where Redis is away, since money goes out."""

Connection = ASGIConnection[Any, Any, Any, Any]


def opened_to(
    permission: Permission, budget: Budget, *, or_else: Permission | None = None, **more: Any
) -> dict[str, Any]:
    """Return a route's options: whose it is, by one permission *or_else* another, and its budget."""
    return {"permission": permission, "or_else": or_else, "budget": budget, **more}


def public(budget: Budget | None = Budget.READ, **more: Any) -> dict[str, Any]:
    """Return the options of a route that anybody may call; without a *budget* it is not counted."""
    return {"public": True, "budget": budget, **more}


class Identify(AbstractAuthenticationMiddleware):
    """
    Sets ``user`` to the ``Caller``, or None.

    A bearer token counts before a cookie, and one that proves nothing is refused rather than
    passed over. Routes with credentials of another kind (``foreign_credentials``), and those that are
    the same for everybody (``for_everybody``), are left alone. A server key is nobody on a public route.
    """

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        opt = connection.route_handler.opt
        if opt.get("foreign_credentials") or opt.get("for_everybody"):
            return AuthenticationResult(user=None, auth=None)
        deps: Dependencies = connection.app.state.deps
        at = deps.clock.now()
        authorization = connection.headers.get("authorization")
        if authorization is None:
            refuse_student_header(connection)
            cookies: SessionCookies = connection.app.state.session_cookies
            named = cookies.session_named(connection.cookies)
            session = await deps.sign_in.sessions.find(named, at) if named else None
            return AuthenticationResult(user=caller_of(session) if session else None, auth=None)
        tokens: TokenReader = connection.app.state.tokens
        try:
            token = bearer_token(authorization)
            if is_server_key(token):
                if opt.get("public"):
                    return AuthenticationResult(user=None, auth=None)
                return AuthenticationResult(user=await server_caller(connection, token), auth=None)
            refuse_student_header(connection)
            caller = await tokens.read(token, at)
        except ServerKeyInvalid as invalid:
            error = TokenInvalid(f"server key: {invalid.why}", subject=invalid.key)
            raise await refused_token(connection, error) from None
        except TokenInvalid as error:
            raise await refused_token(connection, error) from None
        return AuthenticationResult(user=caller, auth=None)


async def refused_token(connection: Connection, error: TokenInvalid) -> HttpProblem:
    """Return the answer to an invalid token, once it is counted; raises ``HttpProblem`` for too many."""
    deps: Dependencies = connection.app.state.deps
    await deps.record_access.token_refused(
        error.why, origin_of_request(connection, Source.SIGN_IN, NOBODY)
    )
    failed: FailedAuthentication = connection.app.state.failed_authentication
    await failed.count(client_of(connection), error.subject)
    return not_signed_in(error.why)


async def within_budget(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Count the request against its caller's budget, or its address's when nobody is signed in.

    A route of one payment may name a second budget, which is that payment's. Whoever is signed in is
    told what is left.
    """
    budget: Budget | None = handler.opt.get("budget")
    if budget is None:
        return
    caller: Caller | None = connection.scope.get("user")
    whose = counted_as(caller) if caller else f"address:{network_of(client_of(connection))}"
    if caller is not None and caller.key is not None:
        await _count(connection, Budget.SERVER_KEY, f"key:{caller.key}", tell=True)
    await _count(connection, budget, whose, tell=caller is not None)
    of_payment: Budget | None = handler.opt.get("budget_of_payment")
    if of_payment is not None and caller is not None:
        payment = _digest(str(connection.path_params["transaction_id"]))
        await _count(connection, of_payment, f"{whose}:{payment}", tell=True)
    if budget in CONFIRMED_BY_TOTP:
        failed: FailedAuthentication = connection.app.state.failed_authentication
        await failed.refuse_guesses(client_of(connection))


async def _count(connection: Connection, budget: Budget, whose: str, *, tell: bool) -> None:
    limits: Limits = connection.app.state.limits
    standing = await limits.count(budget, whose)
    if budget in OF_OFFICERS and not limits.are_shared:
        standing = await _with_what_was_written(connection, budget, standing)
    if tell and standing.left is not None:
        standings_of(connection.scope)[budget] = standing
    if standing.wait:
        log.warning("rate_limit.exceeded", extra={"event_type": "security", "limit": budget.value})
        telemetry: Telemetry = connection.app.state.telemetry
        telemetry.rate_limited(budget.value)
        raise HttpProblem(
            problem_types.TOO_MANY_REQUESTS, headers={"Retry-After": str(standing.wait)}
        )


async def _with_what_was_written(
    connection: Connection, budget: Budget, standing: Standing
) -> Standing:
    """
    Return *standing* by the refunds that the officer requested or decided, whichever process they asked.

    Each takes a code of their own, which is good for one act, so that none slips in between. While the
    records are away nothing is refunded either: ``StorageUnavailable``.
    """
    caller: Caller | None = connection.scope.get("user")
    if caller is None:
        return standing
    deps: Dependencies = connection.app.state.deps
    queries, at = deps.refunds.queries, deps.clock.now()
    read = queries.requested_since if budget is Budget.REFUND else queries.decided_since
    acts = await read(caller.actor, at - timedelta(seconds=standing.seconds))
    return among(standing, acts, at)


async def count_refund(connection: Connection) -> None:
    """
    Count a refund that a request for something else asks for, such as the end of a review.

    Raises ``HttpProblem`` when its officer has asked for as many as one may.
    """
    caller: Caller = connection.user
    await _count(connection, Budget.REFUND, counted_as(caller), tell=True)


async def count_failed_code(connection: Connection) -> None:
    """Count a wrong code against its address; the member of staff's own limit is kept with the account."""
    failed: FailedAuthentication = connection.app.state.failed_authentication
    with suppress(HttpProblem):  # the next one is refused before it is checked
        await failed.count(client_of(connection))


def counted_as(caller: Caller) -> str:
    """
    Return what *caller*'s requests are counted under: a digest, since an id may hold any mark of a key.

    What a back end does for a student counts as the student's own.
    """
    if caller.key is not None and not caller.id:
        return f"key:{caller.key}"
    return f"student:{_digest(caller.id)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def from_our_own_pages(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Refuse what another site makes a browser send with our cookie.

    A bearer token is never sent by a browser of its own accord, and the bank's messages prove
    themselves, so both go without a form token. Signing in has no session yet to bind a token to;
    there, browsers that tell where a request comes from are listened to. A page's form with a file is
    read from the network only for whoever may send one.
    """
    if not _changes_something(connection) or handler.opt.get("from_elsewhere"):
        return
    caller: Caller | None = connection.user
    if caller is None:
        if connection.headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}:
            raise _not_ours()
        return
    if caller.session is None:
        return
    if handler.opt.get("upload"):
        await allowed(connection, handler)
    cookies: SessionCookies = connection.app.state.session_cookies
    if not cookies.is_form_token(caller.session, await _offered_token(connection, handler)):
        await _leave_files(connection, handler)
        raise _not_ours()


async def allowed(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Refuse a caller without the route's permission, and every caller of a route without one.

    A server key opens nothing but routes that say so (``server_keys``), and what is a student's only for
    the one whom the request names.

    A page of the console is opened to a browser session only, and only once a TOTP confirmed it.
    """
    if handler.opt.get("public") or _asks_what_a_public_route_allows(connection):
        return
    permission = opening_permission(connection, handler)
    if permission is None:
        raise HttpProblem(problem_types.NOT_ALLOWED)
    caller: Caller | None = connection.scope.get("user")
    if caller is None:
        raise HttpProblem(
            problem_types.NOT_SIGNED_IN, headers={"WWW-Authenticate": 'Bearer realm="shulk"'}
        )
    try:
        if caller.key is not None:
            _allow_key(caller, permission, handler)
            return
        if handler.opt.get("console"):
            caller.check(Permission.USE_CONSOLE)
            if not caller.confirmed:
                raise HttpProblem(problem_types.SECOND_FACTOR_NEEDED)
        caller.check(permission)
        if not is_of_students(permission):
            deps: Dependencies = connection.app.state.deps
            await deps.sign_in.refuse_suspended(StaffId(caller.id))
    except (NotAllowed, StaffSuspended):
        log.warning("permission.refused", extra={"event_type": "security", "reason": permission})
        access = Access(route=route_of(connection), permission=permission)
        origin = origin_of_request(connection, Source.ADMIN)
        await connection.app.state.deps.record_access.refused(access, origin)
        raise


def opening_permission(connection: Connection, handler: BaseRouteHandler) -> Permission | None:
    """Return the permission by which the route opens to its caller, or would; None where it has none."""
    permission: Permission | None = handler.opt.get("permission")
    other: Permission | None = handler.opt.get("or_else")
    caller: Caller | None = connection.scope.get("user")
    return other if other is not None and caller is not None and caller.may(other) else permission


def route_of(connection: Connection) -> str:
    """Return method and address of the route, with names in place of what the request put there."""
    return f"{connection.scope.get('method', '')} {connection.scope.get('path_template', '')}"


def _allow_key(caller: Caller, permission: Permission, handler: BaseRouteHandler) -> None:
    if handler.opt.get("server_keys"):
        if not caller.id and is_of_students(permission) and permission in caller.scopes:
            raise needs_student()
        if caller.may(permission):
            return
    raise NotAllowed(permission)


async def json_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse a body that does not say it is JSON where JSON is taken."""
    if not handler.opt.get("json") or not _changes_something(connection):
        return
    media = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != RequestEncodingType.JSON.value:
        raise HttpProblem(problem_types.UNSUPPORTED_MEDIA_TYPE)


def client_of(connection: Connection) -> str:
    deps: Dependencies = connection.app.state.deps
    return address_of(connection, deps.settings.trusted_proxies)


def origin_of_request(connection: Connection, source: Source, actor: str | None = None) -> Origin:
    """Return who asks and from where, as the audit log keeps it."""
    caller: Caller | None = connection.scope.get("user")
    agent = connection.headers.get("user-agent", "")[:AGENT_MAX]
    return Origin(
        actor=actor or (caller.actor if caller else NOBODY),
        source=source,
        ip=client_of(connection),
        user_agent=str(redact("".join(mark for mark in agent if mark.isprintable()))),
        correlation_id=correlation_id() or "",
    )


def _asks_what_a_public_route_allows(connection: Connection) -> bool:
    """Whether this is OPTIONS, which the framework answers by itself, on a route that anybody may call."""
    if connection.scope.get("method") != HttpMethod.OPTIONS:
        return False
    template = connection.scope.get("path_template")
    return any(
        handler.opt.get("public")
        for route in connection.app.routes
        if isinstance(route, HTTPRoute) and route.path_format == template
        for handler in route.route_handlers
    )


def _changes_something(connection: Connection) -> bool:
    return connection.scope.get("method") not in SAFE_METHODS


async def _offered_token(connection: Connection, handler: BaseRouteHandler) -> str:
    if (header := connection.headers.get(FORM_HEADER)) is not None:
        return header
    if not isinstance(connection, Request):
        return ""
    read = {RequestEncodingType.URL_ENCODED.value}
    if handler.opt.get("upload"):
        read.add(RequestEncodingType.MULTI_PART.value)
    if connection.content_type[0] in read:
        return str((await connection.form()).get(FORM_FIELD, ""))
    return ""


async def _leave_files(connection: Connection, handler: BaseRouteHandler) -> None:
    """Close the files of a form that no handler is given, as nobody else does."""
    if handler.opt.get("upload") and isinstance(connection, Request):
        await (await connection.form()).close()


def _not_ours() -> HttpProblem:
    log.warning("form_token.refused", extra={"event_type": "security"})
    return HttpProblem(problem_types.CSRF_REFUSED)
