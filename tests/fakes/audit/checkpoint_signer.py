"""The keys of tests: they sign as those of an installation do, and are the same each time."""

from typing import Final

from adapters.ed25519.note_signatures import NoteKey, NoteSigner
from ports.audit.checkpoint_signer import CheckpointSigner

KEY: Final = NoteKey("shulk.example/audit", bytes(range(32)))
OTHER_KEY: Final = NoteKey("shulk.example/audit", bytes(32))
SIGNER: Final[CheckpointSigner] = NoteSigner([KEY])
