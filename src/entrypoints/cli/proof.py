"""All that is known of a payment as one signed archive, and whether such an archive is as it was made."""

from pathlib import Path
from typing import Final

import rich_click as click

from domain.audit.proof_pack import ProofBroken
from domain.audit.signed_note import NoteMalformed
from domain.identifiers import PaymentId, is_payment_id
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

MAKE: Final = "make"


class _Proof(click.RichGroup):
    """Takes a transaction id for what is to be made."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and is_payment_id(args[0]):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Proof)
def proof() -> None:
    """Proof packs (docs/proof-pack.md): `shulk proof TRANSACTION_ID` makes one, `shulk proof verify` checks one."""


@proof.command(MAKE)
@click.argument("transaction_id")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write; usually proof-TRANSACTION_ID.zip here.",
)
def make(transaction_id: str, out: Path | None) -> None:
    """Write all that is known of TRANSACTION_ID to one signed ZIP archive; the audit log says so."""
    from entrypoints.operations.proof import make as made

    if not is_payment_id(transaction_id):
        raise click.ClickException("this is no transaction id")
    path = out or Path(f"proof-{transaction_id}.zip")
    with domain_errors_shown():
        pack = made(settings_from_environment(), PaymentId(transaction_id), path)
    click.echo(f"{pack.files} files written to {path}", err=True)


@proof.command("verify")
@click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    help="Public key of the audit log, or a file of such keys, one a line; repeat it for earlier ones.",
)
def verify(pack: Path, keys: tuple[str, ...]) -> None:
    """Verify PACK with nothing but the public key. Ends with 1, and says which file is not as it was made."""
    from entrypoints.operations.audit import parse_keys
    from entrypoints.operations.proof import verify as verified

    try:
        found = verified(pack, parse_keys(keys))
    except ProofBroken as broken:
        raise click.ClickException(f"not as it was made: {broken}") from None
    except (NoteMalformed, UnicodeDecodeError) as trouble:
        raise click.ClickException(f"the key cannot be read: {trouble}") from None
    made_at = found.made_at.isoformat().replace("+00:00", "Z")
    click.echo(
        f"whole: {found.files} files about {found.payment}, made {made_at};"
        f" {found.proved} lines of the audit log are proved"
    )
