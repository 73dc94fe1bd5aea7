"""The site of a deployment as Caddy reads it: a whole Caddyfile for version 2.6 or newer."""

from collections.abc import Iterator, Sequence
from typing import Final

from entrypoints.operations.deployment.proxy_problems import (
    RETRY_SECONDS,
    TOO_LARGE,
    UNANSWERED,
    ProxyProblem,
)
from entrypoints.operations.deployment.proxy_site import ProxySite

ID: Final = "{http.request.uuid}"
UNTOLD_BYTES: Final = 1 << 20
"""
So much more of a body without a length is passed on. Caddy would call the API unreachable where it ends such a body
itself, and the API refuses it by name.
"""


def caddy_site(site: ProxySite) -> str:
    """Return the text of the file."""
    return "\n".join((*_options(), *_passing(site), *_plain(site), *_server(site))) + "\n"


def _options() -> Iterator[str]:
    yield "# Written by `shulk deploy caddy`; write it anew when the settings change."
    yield "{"
    yield "\t# People are led on below, programs are not."
    yield "\tauto_https disable_redirects"
    yield "\tservers {"
    yield "\t\ttimeouts {"
    yield "\t\t\tread_header 10s"
    yield "\t\t\tidle 30s"
    yield "\t\t}"
    yield "\t}"
    yield "}"


def _passing(site: ProxySite) -> Iterator[str]:
    yield ""
    yield "# Nothing is logged here: a callback brings what the bank has signed in its query. The API logs routes."
    yield "# Caddy sets X-Forwarded-For to the client that it sees, and flushes streams of events at once."
    yield "(shulk) {"
    yield f"\treverse_proxy {' '.join(site.apis)} {{"
    yield "\t\t# Another process is asked when one refuses the connection."
    yield "\t\tlb_policy round_robin"
    yield "\t\tlb_try_duration 3s"
    yield "\t\tfail_duration 2s"
    if site.outer_proxies:
        yield "\t\t# The proxies before this one, as in SHULK_TRUSTED_PROXIES: their word about a client is believed."
        yield f"\t\ttrusted_proxies {' '.join(map(str, site.outer_proxies))}"
    yield "\t\ttransport http {"
    yield "\t\t\tdial_timeout 5s"
    yield f"\t\t\tresponse_header_timeout {site.answer_seconds}s"
    yield "\t\t}"
    yield "\t}"
    yield "}"


def _plain(site: ProxySite) -> Iterator[str]:
    yield ""
    yield f"http://{site.host}:{site.files.plain_port} {{"
    yield from _bound(site)
    yield "\t@programs path /api/*"
    yield "\thandle @programs {"
    yield "\t\trespond 403"
    yield "\t}"
    yield "\thandle {"
    yield f"\t\tredir {site.url}{{uri}} 301"
    yield "\t}"
    yield "}"


def _server(site: ProxySite) -> Iterator[str]:
    yield ""
    yield f"https://{site.host}:{site.port} {{"
    yield from _bound(site)
    if site.files.certificate and site.files.key:
        yield f"\ttls {site.files.certificate} {site.files.key}"
    yield "\t# Strict-Transport-Security is set by the API."
    yield "\t# Asked at the API's own port by whoever watches it. Metrics have a port of their own, on loopback."
    yield "\t@inside path_regexp ^/(health|metrics)(/|$)"
    yield "\thandle @inside {"
    yield "\t\trespond 404"
    yield "\t}"
    for number, (limit, patterns) in enumerate(site.larger_bodies.items(), start=1):
        yield f"\t@larger{number} path_regexp {_any_of(patterns)}"
        yield from _bodies(limit, f"@larger{number} ")
    yield from _bodies(site.body_limit_bytes, "")
    yield "\thandle_errors {"
    yield from _problem(site, TOO_LARGE)
    yield from _problem(site, UNANSWERED)
    yield "\t}"
    yield "}"


def _bodies(limit: int, matcher: str) -> Iterator[str]:
    length = "{http.request.header.Content-Length}"
    yield f"\thandle {matcher}{{"
    yield f"\t\t@too_large expression {length}.matches('^[0-9]+$') && int({length}) > {limit}"
    yield "\t\terror @too_large 413"
    yield "\t\trequest_body {"
    yield f"\t\t\tmax_size {limit + UNTOLD_BYTES}"
    yield "\t\t}"
    yield "\t\timport shulk"
    yield "\t}"


def _any_of(patterns: Sequence[str]) -> str:
    return f"({'|'.join(patterns)})"


def _bound(site: ProxySite) -> Iterator[str]:
    if site.files.listen:
        yield f"\tbind {site.files.listen}"


def _problem(site: ProxySite, problem: ProxyProblem) -> Iterator[str]:
    statuses = ", ".join(map(str, map(int, problem.statuses)))
    yield f"\t\t@{problem.name} expression {{http.error.status_code}} in [{statuses}]"
    yield f"\t\thandle @{problem.name} {{"
    yield "\t\t\theader Content-Type application/problem+json"
    yield "\t\t\theader Cache-Control no-store"
    yield "\t\t\theader X-Content-Type-Options nosniff"
    yield f"\t\t\theader X-Request-ID {ID}"
    if problem.retry:
        yield f"\t\t\theader Retry-After {RETRY_SECONDS}"
    yield f"\t\t\trespond `{problem.body(site.url, ID)}` {int(problem.kind.status)}"
    yield "\t\t}"
