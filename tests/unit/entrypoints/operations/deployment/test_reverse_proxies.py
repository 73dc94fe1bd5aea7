"""What a proxy is told agrees with what the API does: limits by route, streams, addresses, problems."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from litestar.response import ServerSentEvent
from litestar.routes import HTTPRoute

from entrypoints.cli.main import main
from entrypoints.http import problem_types
from entrypoints.operations.deployment.caddy import caddy_site
from entrypoints.operations.deployment.nginx import nginx_site
from entrypoints.operations.deployment.proxy_site import ProxyFiles, ProxyRefused, ProxySite
from worlds.lent_apps import laid_out
from worlds.settings import settings_with, variables_with

PUBLIC: Final = "https://pay.example.com"
WEBHOOK_LIMIT: Final = 500_000
TRUSTED: Final = {"public_url": PUBLIC, "trusted_proxies": "127.0.0.1/32"}
SETTINGS: Final = settings_with(**TRUSTED, webhook_body_limit_bytes=str(WEBHOOK_LIMIT))
SITE: Final = ProxySite.of(SETTINGS, ProxyFiles(), laid_out)
NGINX: Final = nginx_site(SITE)
CADDY: Final = caddy_site(SITE)
ROUTES: Final = [each for each in laid_out(SETTINGS).routes if isinstance(each, HTTPRoute)]


def sample(route: HTTPRoute) -> str:
    """Return an address of *route*, as a client may write it."""
    parts = [each if isinstance(each, str) else "one" for each in route.path_components]
    return f"/{'/'.join(parts)}"


def limit_of(route: HTTPRoute) -> int:
    return max(int(each.resolve_request_max_body_size() or 0) for each in route.route_handlers)


def nginx_limit(path: str) -> int:
    """Return the body limit of the location that nginx takes for *path*: the first pattern that fits."""
    for pattern, body in re.findall(r"^    location ~ (\S+) \{(.*)\}$", NGINX, re.MULTILINE):
        if re.search(pattern, path):
            own = re.search(r"client_max_body_size (\d+);", body)
            if own is not None:
                return int(own[1])
            break
    (usual,) = re.findall(r"^    client_max_body_size +(\d+);$", NGINX, re.MULTILINE)
    return int(usual)


def caddy_limit(path: str) -> int:
    """Return the body limit of the block that Caddy takes for *path*."""
    matchers = dict(re.findall(r"^\t@(larger\d+) path_regexp (\S+)$", CADDY, re.MULTILINE))
    blocks = re.findall(
        r"^\thandle (?:@(larger\d+) )?\{\n\t\t@too_large .* > (\d+)$",
        CADDY,
        re.MULTILINE,
    )
    return next(int(limit) for name, limit in blocks if not name or re.search(matchers[name], path))


@pytest.mark.parametrize("limit_at", [nginx_limit, caddy_limit])
def test_a_body_is_limited_where_the_api_limits_it(limit_at: type[int]) -> None:
    """
    By each route, with and without a closing slash: smaller would lose a webhook, larger is held for nothing.
    """
    wrong = {
        path: (limit_at(path), limit_of(route))
        for route in ROUTES
        for path in (sample(route), f"{sample(route)}/")
        if limit_at(path) != limit_of(route)
    }

    assert wrong == {}
    assert limit_at("/api/payment/webhook") == WEBHOOK_LIMIT
    assert len({limit_of(route) for route in ROUTES}) > 3


def test_a_stream_of_events_is_not_held_back() -> None:
    """
    Of each route that answers with one, and of no other. Caddy sees by the answer that it is one.
    """
    unbuffered = re.findall(r"location ~ (\S+) \{ proxy_buffering off;", NGINX)
    streams = {
        sample(route)
        for route in ROUTES
        if any(
            each.parsed_fn_signature.return_type.annotation is ServerSentEvent
            for each in route.route_handlers
        )
    }

    assert streams
    assert streams == {
        sample(route)
        for route in ROUTES
        if any(re.search(pattern, sample(route)) for pattern in unbuffered)
    }


def test_the_bank_is_not_refused_for_its_number() -> None:
    """
    Webhooks come from few addresses, and many at once after the bank was away.
    """
    counted = re.search(r"map \$uri \$shulk_counted \{\n(.*?)\n\}", NGINX, re.DOTALL)

    assert counted is not None
    assert counted[1].split("\n") == [
        "    default $binary_remote_addr;",
        '    "~^/api/payment/webhook/?$" "";',
    ]
    assert re.findall(r"limit_(?:conn|req)_zone +(\S+)", NGINX) == ["$shulk_counted"] * 2


def test_a_client_cannot_name_its_own_address() -> None:
    """
    The header is set and not added to, unless proxies before this one are trusted by the API as well.
    """
    outer = {**TRUSTED, "trusted_proxies": "127.0.0.1/32,10.1.0.0/16"}
    behind = ProxySite.of(settings_with(**outer), ProxyFiles(), laid_out)

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    for alone in ("set_real_ip_from", "$proxy_add_x_forwarded_for"):
        assert alone not in NGINX
    assert "trusted_proxies" not in CADDY
    assert re.findall(r"set_real_ip_from (\S+);", nginx_site(behind)) == ["10.1.0.0/16"]
    assert "real_ip_recursive on;" in nginx_site(behind)
    assert re.findall(r"\ttrusted_proxies (.+)", caddy_site(behind)) == ["10.1.0.0/16"]


def test_what_a_proxy_refuses_is_a_problem_of_ours() -> None:
    """
    A client tells it apart by the same address, and finds what to do on the same page.
    """
    answers = dict(re.findall(r"return (\d+) '(\{.*\})';", NGINX))
    too_large = json.loads(answers["413"])
    away = json.loads(answers["503"])

    assert sorted(answers) == ["413", "429", "503"]
    assert too_large == {
        "type": problem_types.BODY_TOO_LARGE.type_at(PUBLIC),
        "title": problem_types.BODY_TOO_LARGE.title,
        "status": 413,
        "detail": problem_types.BODY_TOO_LARGE.meaning,
        "request_id": "$request_id",
    }
    assert away["type"] == problem_types.STORAGE_UNAVAILABLE.type_at(PUBLIC)
    assert all(not set(text) & set("'\\") for text in answers.values())


@pytest.mark.parametrize("text", [NGINX, CADDY])
def test_what_is_ours_to_say_is_not_said_twice(text: str) -> None:
    """
    The API sets its security headers; its health and metrics are nobody's outside.
    """
    assert not re.search(r"^\s*(add_header|header) Strict-Transport", text, re.MULTILINE)
    assert "(health|metrics)(/|$)" in text
    assert "$args" not in text
    assert "$request " not in text
    assert "127.0.0.1:8000" in text


def test_the_bank_has_its_time() -> None:
    """
    A proxy that gives up before the API leaves a payment's answer to nobody.
    """
    patient = settings_with(**TRUSTED, gateway_read_timeout_seconds="100")
    site = ProxySite.of(patient, ProxyFiles(), laid_out)

    assert site.answer_seconds > 2 * (100 + patient.gateway_connect_timeout_seconds)
    assert f"proxy_read_timeout    {site.answer_seconds}s;" in nginx_site(site)
    assert f"response_header_timeout {site.answer_seconds}s" in caddy_site(site)


@pytest.mark.parametrize(
    ("changes", "address", "said"),
    [
        ({"public_url": "http://pay.example.com"}, "127.0.0.1", "SHULK_PUBLIC_URL"),
        ({"public_url": "https://example.com/pay"}, "127.0.0.1", "SHULK_PUBLIC_URL"),
        ({"trusted_proxies": ""}, "127.0.0.1", "add 127.0.0.1/32"),
        ({}, "10.1.2.3", "add 10.1.2.3/32"),
        ({}, "localhost", "no IP address"),
    ],
)
def test_settings_that_no_proxy_fits_are_refused(
    changes: dict[str, str], address: str, said: str
) -> None:
    """
    Rather than written into a file by which all clients are one.
    """
    with pytest.raises(ProxyRefused, match=re.escape(said)):
        ProxySite.of(settings_with(**(TRUSTED | changes)), ProxyFiles(address=address), laid_out)


def write(program: str, out: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["deploy", program, "--out", str(out), *words], env=variables_with(**TRUSTED)
    )


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_the_command_writes_the_file(program: str, tmp_path: Path) -> None:
    """
    By the settings of its environment; what is there is not written over by chance.
    """
    out = tmp_path / "conf.d" / "shulk.conf"
    ports = ("--api", "127.0.0.1:8001", "--api", "127.0.0.1:8002")
    keys = ("--certificate", "/etc/tls/chain.pem", "--key", "/etc/tls/key.pem")
    files = ProxyFiles(
        apis=("127.0.0.1:8001", "127.0.0.1:8002"),
        certificate=Path("/etc/tls/chain.pem"),
        key=Path("/etc/tls/key.pem"),
    )
    first = write(program, out, *ports, *keys)
    again = write(program, out)
    written = out.read_text(encoding="utf-8")

    assert first.exit_code == 0, first.output
    assert again.exit_code == 1
    assert "--force" in again.output
    assert written == (nginx_site if program == "nginx" else caddy_site)(
        ProxySite.of(settings_with(**TRUSTED), files, laid_out)
    )
    assert re.findall(r"127\.0\.0\.1:800\d", written) == ["127.0.0.1:8001", "127.0.0.1:8002"]


@pytest.mark.parametrize(
    "words",
    [
        ("--api", "127.0.0.1:8000; deny all"),
        ("--listen", "0.0.0.0 {"),
        ("--certificate", "/etc/tls/chain.pem"),
        ("--certificate", "/etc/my keys/chain.pem", "--key", "/etc/key.pem"),
        ("--address", "10.0.0.1"),
    ],
)
def test_what_no_file_can_hold_writes_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    """
    A word with a blank or a semicolon would say something else there.
    """
    refused = write("nginx", tmp_path / "shulk.conf", *words)

    assert refused.exit_code == 1
    assert not (tmp_path / "shulk.conf").exists()
