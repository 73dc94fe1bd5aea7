"""The key that seals the audit log, read from a file of its own."""

from collections.abc import Sequence

from adapters.ed25519.note_signatures import NoteSigner
from domain.audit.signed_note import VerifierKey
from entrypoints.settings.settings import Settings


def checkpoint_signer(settings: Settings) -> NoteSigner | None:
    """Return what signs by *settings*, None where no key is set; raises ``NoteMalformed``."""
    if settings.audit_key_file is None:
        return None
    return NoteSigner.parse(settings.audit_key_file.read_text(encoding="utf-8"))


def key_texts(settings: Settings) -> Sequence[str]:
    """Return the public keys of those that seal as they are written."""
    return [str(each) for each in verifier_keys(settings)]


def verifier_keys(settings: Settings) -> Sequence[VerifierKey]:
    """Return the public keys of those that seal, none where no key is set."""
    signer = checkpoint_signer(settings)
    return [] if signer is None else signer.keys
