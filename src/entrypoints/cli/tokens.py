"""A bearer token as the platform would make it, for trying the API by hand."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.settings.settings import JwtAlgorithm, Settings

SECONDS_MAX: Final = 86_400
ROLES: Final = ("student", "support", "finance", "admin")


@click.command()
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
    default=3600,
    show_default=True,
    metavar="SECONDS",
)
def token(
    subject: str, name: str, email: str, roles: tuple[str, ...], expires_seconds: int
) -> None:
    """Print a signed token; needs the shared secret, so HS256 only."""
    settings = settings_from_environment()
    if settings.jwt_algorithm is not JwtAlgorithm.HS256:
        raise click.ClickException(
            "tokens are signed by the platform's private key here, which this service has not"
        )
    click.echo(
        signed_token(
            settings,
            subject=subject,
            name=name,
            email=email,
            roles=roles,
            lifetime=timedelta(seconds=expires_seconds),
        )
    )


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
    return jwt.encode(claims, settings.jwt_secret or "", algorithm=str(settings.jwt_algorithm))
