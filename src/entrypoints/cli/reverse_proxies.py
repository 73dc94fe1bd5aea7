"""``shulk deploy nginx`` and ``shulk deploy caddy``: what stands in front of the API (docs/deploy.md)."""

import re
from pathlib import Path
from typing import Final

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment

FILE: Final = click.Path(path_type=Path, dir_okay=False)
WORD: Final = re.compile(r"[A-Za-z0-9_./:\[\]-]+")
"""What stands in both languages without quotes, and means only itself."""


def _command(name: str, usual: str, about: str) -> click.Command:
    @click.command(name, help=about)
    @click.option("--out", required=True, type=FILE, help=f"File to write, {usual} for example.")
    @click.option(
        "--api",
        "apis",
        multiple=True,
        metavar="HOST:PORT",
        help="Where an API listens, once for each. Without it: SHULK_HOST and SHULK_PORT.",
    )
    @click.option(
        "--address",
        default="127.0.0.1",
        show_default=True,
        help="Address by which the APIs see the proxy; SHULK_TRUSTED_PROXIES has to hold it.",
    )
    @click.option("--listen", default="", help="The one address to listen on. Without it: all.")
    @click.option(
        "--plain-port",
        type=click.IntRange(1, 65_535),
        default=80,
        show_default=True,
        help="Port without TLS: people are led on to SHULK_PUBLIC_URL, programs are refused.",
    )
    @click.option("--certificate", type=FILE, help="Certificate and those above it, as PEM.")
    @click.option("--key", type=FILE, help="Private key of that certificate.")
    @click.option("--force", is_flag=True, help="Write over a file that is there.")
    def command(
        *,
        out: Path,
        apis: tuple[str, ...],
        address: str,
        listen: str,
        plain_port: int,
        certificate: Path | None,
        key: Path | None,
        force: bool,
    ) -> None:
        from entrypoints.operations.deployment.caddy import caddy_site
        from entrypoints.operations.deployment.nginx import nginx_site
        from entrypoints.operations.deployment.proxy_site import (
            ProxyFiles,
            ProxyRefused,
            ProxySite,
        )

        text_of = {"nginx": nginx_site, "caddy": caddy_site}[name]
        for each in (*apis, listen, *map(str, filter(None, (certificate, key)))):
            if each and not WORD.fullmatch(each):
                raise click.ClickException(f"{each}: cannot be written into such a file")
        if (certificate is None) != (key is None):
            raise click.ClickException("--certificate and --key go together")
        files = ProxyFiles(
            apis=apis,
            address=address,
            listen=listen,
            plain_port=plain_port,
            certificate=certificate,
            key=key,
        )
        if out.exists() and not force:
            raise click.ClickException(f"{out} is there already: --force writes over it")
        try:
            text = text_of(ProxySite.of(settings_from_environment(), files))
        except ProxyRefused as refusal:
            raise click.ClickException(str(refusal)) from None
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        click.echo(str(out))

    return command


nginx: Final = _command(
    "nginx",
    "/etc/nginx/conf.d/shulk.conf",
    "Write the site for nginx by this deployment's settings: limits, times, addresses, TLS.",
)
caddy: Final = _command(
    "caddy",
    "/etc/caddy/Caddyfile",
    "Write the Caddyfile by this deployment's settings: limits, times, addresses, TLS.",
)
