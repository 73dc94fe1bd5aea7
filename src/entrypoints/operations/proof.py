"""Proof packs from the command line: made whole or not at all, and verified with nothing but the public key."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

from adapters.ed25519.note_signatures import is_signature
from application.proof.make_proof import ProofMade
from domain.audit.proof_archive import ProofFound, check_archive
from domain.audit.signed_note import VerifierKey
from domain.audit.trail import NoteCheck
from domain.identifiers import PaymentId
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk

FILE_MODE: Final = 0o640


def make(settings: Settings, payment: PaymentId, out: Path) -> ProofMade:
    """Write the pack of *payment* to *out*; raises what ``MakeProof`` does, and leaves *out* as it is then."""
    aside = out.with_name(f".{out.name}.part")

    async def made(container: Shulk) -> ProofMade:
        with aside.open("wb") as file:
            # It names the buyer: only our user and group may read it.
            os.fchmod(file.fileno(), FILE_MODE)
            make_proof = container.use_cases().proof().make_proof()
            return await make_proof(payment, cast("BinaryIO", file), BY_COMMAND)

    try:
        pack = run_in_container(settings, made)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return pack


def verify(path: Path, keys: Sequence[VerifierKey]) -> ProofFound:
    """Return what the pack at *path* is; raises ``ProofBroken``."""
    with path.open("rb") as file:
        return check_archive(file, NoteCheck(keys, is_signature))
