"""Ed25519 signatures of notes, with the vectors of the reference."""

import pytest

from adapters.ed25519.note_signatures import PRIVATE, NoteKey, NoteSigner, is_signature
from domain.audit.signed_note import NoteMalformed, SignedNote, VerifierKey
from fakes.audit.checkpoint_signer import KEY, OTHER_KEY

VKEY = "shulk.example/audit+c690246a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
TEXT = "shulk.example/audit\n3\nkLUuDOf8sMpZHKKvPUIzW5dw26/zQirg0L3FuzCobLY=\n"
SIGNED = (
    "xpAkaswrLPWF84tXCvZ2TDCoq6aY21QbpD12fSKm5u86u42U3zDBAur9r5I9LsRiI/i2FwFlIpyFXRCghQzQqNExDAw="
)
OF_C2SP = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
NOTE_OF_C2SP = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def test_the_vector_of_the_standard_is_signed() -> None:
    """
    The key with the seed 00 to 1f signs the checkpoint of three lines as other implementations do.
    """
    (signature,) = NoteSigner([KEY]).sign(TEXT)

    assert str(KEY.public) == VKEY
    assert str(signature) == f"— shulk.example/audit {SIGNED}\n"
    assert is_signature(KEY.public, TEXT.encode(), signature.signature)


def test_the_note_of_the_standard_is_believed() -> None:
    """
    The example of C2SP signed-note, whose key is not ours.
    """
    note = SignedNote.parse(NOTE_OF_C2SP)
    (signature,) = note.signatures

    assert signature.is_by(OF_C2SP)
    assert is_signature(OF_C2SP, note.text.encode(), signature.signature)


def test_another_signature_is_not_believed() -> None:
    """
    Of another text, by another key, and one of another length.
    """
    signature = KEY.sign(TEXT).signature

    assert not is_signature(KEY.public, b"another", signature)
    assert not is_signature(OTHER_KEY.public, TEXT.encode(), signature)
    assert not is_signature(KEY.public, TEXT.encode(), signature[:-1])


def test_a_key_is_written_and_read() -> None:
    """
    Each drawn key is another one, and comes back from its file.
    """
    one, other = NoteKey.drawn("shulk.example/audit"), NoteKey.drawn("shulk.example/audit")

    assert one != other
    assert NoteKey.parse(f"{one.written}\n") == one
    assert one.seed.hex() not in repr(one)


def test_two_keys_sign_while_they_are_exchanged() -> None:
    """
    The first one is in use, and the other signs as well; their files have a line for each.
    """
    signer = NoteSigner.parse(f"{KEY.written}\n\n{OTHER_KEY.written}\n")

    assert signer.keys == [KEY.public, OTHER_KEY.public]
    assert [each.is_by(key) for each, key in zip(signer.sign(TEXT), signer.keys, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "",
        VKEY,
        KEY.written.removeprefix(PRIVATE),
        KEY.written.replace("c690246a", "c690246b"),
        f"{KEY.written}\n{NoteKey.drawn('another').written}",
        f"{PRIVATE}a+c690246a+AQ==",
    ],
)
def test_a_file_without_a_key_is_refused(written: str) -> None:
    """
    Nothing, a public key, a changed one, two names, and too short a key.
    """
    with pytest.raises(NoteMalformed):
        NoteSigner.parse(written)
