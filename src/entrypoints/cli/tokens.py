"""Bearer tokens as the platform makes them: signed for trying the API by hand, and checked when one is refused."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final, TextIO

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.settings.settings import JwtAlgorithm, Settings

SECONDS_MAX: Final = 86_400
READ_MAX: Final = 65_536
ROLES: Final = ("student", "support", "finance", "admin", "auditor")


class SignByDefault(click.RichGroup):
    """``shulk token --student ...`` means ``shulk token sign --student ...``, as it did before there were two."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["sign", *args]
        return super().parse_args(ctx, args)


@click.group(cls=SignByDefault)
def token() -> None:
    """Bearer tokens: sign one for trying the API, or inspect one that is refused."""


@token.command("sign")
@click.option("--student", "subject", required=True, metavar="ID", help="Student or staff id.")
@click.option("--name", required=True, help="Name, as it is to stand on the invoice.")
@click.option("--email", required=True, help="Where the confirmation goes.")
@click.option(
    "--roles",
    type=click.Choice(ROLES),
    multiple=True,
    default=("student",),
    show_default=True,
    help="May be repeated.",
)
@click.option(
    "--expires",
    "expires_seconds",
    type=click.IntRange(1, SECONDS_MAX),
    help="At most SHULK_JWT_LIFETIME_MAX_SECONDS, which is what it is without this option.",
    metavar="SECONDS",
)
def sign(
    subject: str, name: str, email: str, roles: tuple[str, ...], expires_seconds: int | None
) -> None:
    """Print a signed token; needs the shared secret, so HS256 only."""
    settings = settings_from_environment()
    if settings.jwt_algorithm != (JwtAlgorithm.HS256,):
        raise click.ClickException(
            "tokens are signed by the platform's private key here, which this service has not"
        )
    longest = settings.jwt_lifetime_max_seconds
    if expires_seconds is not None and expires_seconds > longest:
        raise click.ClickException(
            f"a token may live {longest} seconds here: SHULK_JWT_LIFETIME_MAX_SECONDS"
        )
    click.echo(
        signed_token(
            settings,
            subject=subject,
            name=name,
            email=email,
            roles=roles,
            lifetime=timedelta(seconds=expires_seconds or longest),
        )
    )


@token.command("inspect")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-", metavar="[FILE]")
def inspect(file: TextIO) -> None:
    """
    Say what is wrong with the token in FILE, or on standard input.

    It is checked by the settings of this service, as a request with it would be. Neither its signature
    nor any secret is printed. Fails when the token is refused.
    """
    from entrypoints.operations.tokens import inspect_token

    found = inspect_token(settings_from_environment(), file.read(READ_MAX), datetime.now(UTC))
    for each in found.findings:
        click.echo(f"{'✗' if each.wrong else '·'} {each.says}")
    click.echo("accepted" if found.accepted else "refused")
    if not found.accepted:
        raise SystemExit(1)


def signed_token(
    settings: Settings,
    *,
    subject: str,
    name: str,
    email: str,
    roles: tuple[str, ...],
    lifetime: timedelta,
) -> str:
    """Return a JWT with *subject*'s claims, signed by the shared secret of *settings*."""
    import jwt

    now = datetime.now(UTC)
    claims = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": subject,
        "name": name,
        "email": email,
        "roles": list(roles),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "jti": token_hex(8),
    }
    return jwt.encode(claims, settings.jwt_secret or "", algorithm=JwtAlgorithm.HS256)
