"""The API behind a real nginx and a real Caddy, by the files that the command line writes for them."""

import asyncio
import getpass
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId
from entrypoints.cli.embedded import free_port
from entrypoints.http import problem_types
from entrypoints.operations.deployment.caddy import caddy_site
from entrypoints.operations.deployment.nginx import nginx_site
from entrypoints.operations.deployment.proxy_site import ProxyFiles, ProxySite
from fakes.samples import a_course
from worlds.http import HttpWorld, begun_payment, problem
from worlds.listening import listened_on, listening
from worlds.settings import settings_with

HOST: Final = "localhost"
WEBHOOK: Final = "/api/payment/webhook"
FIRST_WITHIN_SECONDS: Final = 10.0
"""A stream lasts fifteen seconds; one that is held back says nothing before."""

NGINX: Final = """\
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
PROGRAMS: Final = {
    "nginx": (("-t", "-q", "-c", "nginx.conf"), ("-c", "nginx.conf")),
    "caddy": (
        ("validate", "--adapter", "caddyfile", "--config", "site.conf"),
        ("run", "--adapter", "caddyfile", "--config", "site.conf"),
    ),
}
"""What checks the file, and what serves by it; both run in its folder."""


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        assert "EVERY_TOOL_IS_NEEDED" not in os.environ, f"{name} has to be there"
        pytest.skip(f"{name} is not installed")
    return found


def certify(folder: Path) -> None:
    """Write a certificate of our own and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "chain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextmanager
def proxied(name: str, site: ProxySite, folder: Path) -> Iterator[None]:
    """Check the file by the program itself, and serve by it."""
    called = program(name)
    text = {"nginx": nginx_site, "caddy": caddy_site}[name](site)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, user=getpass.getuser()), encoding="utf-8"
    )
    check, serve = (
        [called, *(str(folder / each) if each.endswith(".conf") else each for each in words)]
        for words in PROGRAMS[name]
    )
    around = {
        **os.environ,
        **{each: str(folder) for each in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")},
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
    }
    done = subprocess.run(  # noqa: S603 - a program of the system, and a file of ours
        check, cwd=folder, env=around, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "said").open("wb") as said:
        serving = subprocess.Popen(  # noqa: S603 - the same
            serve, cwd=folder, env=around, stdout=said, stderr=said
        )
    try:
        yield
    finally:
        serving.terminate()
        serving.wait()


@pytest.mark.parametrize("name", PROGRAMS)
async def test_the_api_behind_a_proxy(name: str, tmp_path: Path) -> None:
    """
    A webhook is taken, a body too large is refused as the API refuses it, an event comes at once, and who is outside
    sees no health and names no address.
    """
    api, public, plain = (free_port() for _ in range(3))
    certify(tmp_path)
    settings = settings_with(
        public_url=f"https://{HOST}:{public}",
        port=str(api),
        trusted_proxies="127.0.0.1/32",
        limit_failed_authentication="2/hour",
    )
    files = ProxyFiles(
        listen="127.0.0.1",
        plain_port=plain,
        certificate=tmp_path / "chain.pem",
        key=tmp_path / "key.pem",
        access_log=tmp_path / "access.log",
    )
    world = HttpWorld(settings)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "chain.pem"))
    with proxied(name, ProxySite.of(settings, files), tmp_path):
        async with httpx.AsyncClient(
            base_url=settings.public_url, verify=trusted, trust_env=False, timeout=20
        ) as client:
            with world.lent() as app:
                async with listening(app, api):
                    for port in (public, plain):
                        await listened_on(port)
                    await check_bodies(client, world)
                    await check_stream(client, world)
                    await check_outside(client, plain)
            away = await client.get("/api/payment/history", headers=world.bearer())

    assert problem(away, 503, "storage-unavailable")["type"].startswith(settings.public_url)
    assert away.headers["retry-after"]


async def check_bodies(client: httpx.AsyncClient, world: HttpWorld) -> None:
    """A webhook is taken; the largest one is looked at, and one more byte is refused, as on any other route."""
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    headers, body = world.gateway.event(PaymentId(payment))
    forged = body + b" " * (world.settings.webhook_body_limit_bytes - len(body))
    taken = await client.post(WEBHOOK, content=body, headers=headers)
    largest = await client.post(WEBHOOK, content=forged, headers=headers)
    too_large = await client.post(WEBHOOK, content=forged + b" ", headers=headers)
    elsewhere = await client.post(
        "/api/payment/quote",
        content=b" " * (world.settings.body_limit_bytes + 1),
        headers=world.bearer() | {"Content-Type": "application/json"},
    )

    assert (taken.status_code, taken.json()) == (200, {})
    assert len(world.memory.store.inbox) == 1
    problem(largest, 401, "forged-message")
    for refused in (too_large, elsewhere):
        told = problem(refused, 413, "body-too-large")
        assert told["detail"] == problem_types.BODY_TOO_LARGE.meaning
        assert told["request_id"] == refused.headers["x-request-id"]


async def check_stream(client: httpx.AsyncClient, world: HttpWorld) -> None:
    """The first words of a stream come while it goes on."""
    world.sell(replace(a_course(), id=CourseId("geometry")))
    payment = await begun_payment(client, world.bearer("ravi"), course_id="geometry")
    page = (await client.get(f"/payments/{payment}", headers=world.bearer("ravi"))).text
    seen = page.partition('data-version="')[2].partition('"')[0]
    async with (
        asyncio.timeout(FIRST_WITHIN_SECONDS),
        client.stream(
            "GET", f"/payments/{payment}/events?seen={seen}", headers=world.bearer("ravi")
        ) as answer,
    ):
        first = await anext(answer.aiter_lines())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first == ": open"


async def check_outside(client: httpx.AsyncClient, plain: int) -> None:
    """What is inside stays there; without TLS nobody is served, and an address of one's own counts for nothing."""
    insecure = f"http://{HOST}:{plain}"
    health = [(await client.get(each)).status_code for each in ("/health/ready", "/metrics")]
    led_on = await client.get(f"{insecure}/courses?page=2")
    refused = await client.get(f"{insecure}/api/payment/history")
    page = await client.get("/courses")
    forged = [
        await client.get(
            "/api/payment/history",
            headers={"Authorization": "Bearer none", "X-Forwarded-For": f"192.0.2.{number}"},
        )
        for number in range(4)
    ]

    assert health == [404, 404]
    assert (led_on.status_code, led_on.headers["location"]) == (
        301,
        f"{client.base_url}/courses?page=2".replace("//courses", "/courses"),
    )
    assert refused.status_code == 403
    assert len(page.headers.get_list("strict-transport-security")) == 1
    # One address each would never be refused for the number of its wrong tokens.
    assert [forged[0].status_code, forged[-1].status_code] == [401, 429]
