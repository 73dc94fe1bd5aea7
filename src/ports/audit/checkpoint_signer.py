"""Signatures of checkpoints."""

from collections.abc import Sequence
from typing import Protocol

from domain.audit.signed_note import NoteSignature, VerifierKey


class CheckpointSigner(Protocol):
    """Signs under one key, and while keys are exchanged under the new one and the old."""

    @property
    def keys(self) -> Sequence[VerifierKey]:
        """The public keys, the one in use first."""
        ...

    def sign(self, text: str) -> Sequence[NoteSignature]:
        """Return a signature over *text* by each key."""
        ...
