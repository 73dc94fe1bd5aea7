"""The site of a deployment as nginx reads it: a file for the folder conf.d of version 1.22 or newer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from entrypoints.operations.deployment.proxy_problems import (
    RETRY_SECONDS,
    TOO_LARGE,
    TOO_MANY,
    UNANSWERED,
    ProxyProblem,
)
from entrypoints.operations.deployment.proxy_site import WEBHOOK, ProxySite

CIPHERS: Final = ":".join(
    f"ECDHE-{signed}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for signed in ("ECDSA", "RSA")
)
CERTIFICATES: Final = Path("/etc/letsencrypt/live")
ID: Final = "$request_id"


def nginx_site(site: ProxySite) -> str:
    """Return the text of the file."""
    return "\n".join((*_around(site), *_plain(site), *_server(site))) + "\n"


def _around(site: ProxySite) -> Iterator[str]:
    yield f"# Written by `shulk deploy nginx` for {site.url}; write it anew when the settings change."
    yield ""
    yield "# The number of the bank's webhooks is never a reason to refuse one: an empty key is not counted."
    yield "map $uri $shulk_counted {"
    yield "    default $binary_remote_addr;"
    yield f'    "~^{WEBHOOK}/?$" "";'
    yield "}"
    yield "limit_conn_zone $shulk_counted zone=shulk_connections:10m;"
    yield "limit_req_zone  $shulk_counted zone=shulk_requests:10m rate=50r/s;"
    yield ""
    yield "# Without the query: a callback brings what the bank has signed in it."
    yield "log_format shulk '$remote_addr [$time_iso8601] \"$request_method $uri\" $status $body_bytes_sent'"
    yield "                 ' $request_time $upstream_addr $upstream_http_x_request_id';"
    yield ""
    yield "upstream shulk {"
    yield from (f"    server {each} max_fails=1 fail_timeout=2s;" for each in site.apis)
    yield "    keepalive 32;"
    yield "}"


def _plain(site: ProxySite) -> Iterator[str]:
    """Without TLS: people are led on, programs are refused, so that none sends its key twice in the clear."""
    yield ""
    yield "server {"
    yield from _listen(site, site.files.plain_port, "")
    yield f"    server_name {site.host};"
    yield "    server_tokens off;"
    yield "    access_log off;"
    yield "    location /api/ { return 403; }"
    yield f"    location / {{ return 301 {site.url}$request_uri; }}"
    yield "}"


def _server(site: ProxySite) -> Iterator[str]:
    certificates = CERTIFICATES / site.host
    yield ""
    yield "server {"
    yield from _listen(site, site.port, " ssl http2")
    yield f"    server_name {site.host};"
    yield "    server_tokens off;"
    yield f"    access_log {site.files.access_log} shulk;"
    yield ""
    yield f"    ssl_certificate     {site.files.certificate or certificates / 'fullchain.pem'};"
    yield f"    ssl_certificate_key {site.files.key or certificates / 'privkey.pem'};"
    yield "    ssl_protocols TLSv1.2 TLSv1.3;"
    yield f"    ssl_ciphers {CIPHERS};"
    yield "    ssl_session_cache shared:shulk_tls:5m;"
    yield "    ssl_session_tickets off;"
    yield "    # Strict-Transport-Security is set by the API."
    yield "    # A page holds the form's token beside what was asked for: compressed, its length would tell of both."
    yield "    gzip off;"
    yield ""
    yield from _limits(site)
    yield ""
    yield from _passing(site)
    yield ""
    yield "    location / { proxy_pass http://shulk; }"
    for limit, patterns in site.larger_bodies.items():
        for pattern in patterns:
            yield f"    location ~ {pattern} {{ client_max_body_size {limit}; proxy_pass http://shulk; }}"
    for pattern in site.streams:
        yield f"    location ~ {pattern} {{ proxy_buffering off; proxy_pass http://shulk; }}"
    yield "    # Asked at the API's own port by whoever watches it. Metrics have a port of their own, on loopback."
    yield "    location ~ ^/(health|metrics)(/|$) { return 404; }"
    yield ""
    for each in (TOO_LARGE, TOO_MANY, UNANSWERED):
        yield from _problem(site, each)
    yield "}"


def _limits(site: ProxySite) -> Iterator[str]:
    yield "    client_header_timeout 10s;"
    yield f"    client_body_timeout   {site.body_seconds}s;"
    yield "    send_timeout          10s;"
    yield "    keepalive_timeout     30s;"
    yield f"    client_max_body_size  {site.body_limit_bytes};"
    yield "    # In memory: a webhook may hold more than may ever be stored here."
    yield f"    client_body_buffer_size {max(site.body_limit_bytes, site.webhook_body_limit_bytes)};"
    yield "    limit_conn shulk_connections 100;   # a school shares one address"
    yield "    limit_req  zone=shulk_requests burst=200 nodelay;"
    yield "    limit_conn_status 429;"
    yield "    limit_req_status  429;"


def _passing(site: ProxySite) -> Iterator[str]:
    if site.outer_proxies:
        yield "    # The proxies before this one, as in SHULK_TRUSTED_PROXIES: their word about a client is believed."
        yield from (f"    set_real_ip_from {each};" for each in site.outer_proxies)
        yield "    real_ip_header    X-Forwarded-For;"
        yield "    real_ip_recursive on;"
    yield "    proxy_http_version 1.1;"
    yield '    proxy_set_header Connection "";'
    yield "    proxy_set_header Host $host;"
    yield "    proxy_set_header X-Forwarded-For $remote_addr;"
    yield "    # Slow clients wait here, where they cost little."
    yield "    # No path stands behind the name of the upstream: the callback is signed over its address as it came."
    yield "    proxy_request_buffering on;"
    yield "    proxy_buffer_size 16k;"
    yield "    proxy_buffers     16 16k;"
    yield "    proxy_connect_timeout 5s;"
    yield f"    proxy_read_timeout    {site.answer_seconds}s;   # longer than the bank may take"
    yield "    # Another process is asked when one refuses the connection. What changes something is sent once."
    yield "    proxy_next_upstream error timeout;"


def _listen(site: ProxySite, port: int, words: str) -> Iterator[str]:
    addresses = (site.files.listen,) if site.files.listen else ("", "[::]")
    for each in addresses:
        yield f"    listen {each}{':' if each else ''}{port}{words};"


def _problem(site: ProxySite, problem: ProxyProblem) -> Iterator[str]:
    statuses = " ".join(map(str, map(int, problem.statuses)))
    status = int(problem.kind.status)
    yield f"    error_page {statuses} = @{problem.name};"
    yield f"    location @{problem.name} {{"
    yield "        default_type application/problem+json;"
    yield "        add_header Cache-Control no-store always;"
    yield "        add_header X-Content-Type-Options nosniff always;"
    yield f"        add_header X-Request-ID {ID} always;"
    if problem.retry:
        yield f"        add_header Retry-After {RETRY_SECONDS} always;"
    yield f"        return {status} '{problem.body(site.url, ID)}';"
    yield "    }"
