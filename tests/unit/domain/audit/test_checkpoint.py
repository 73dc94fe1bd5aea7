"""Notes, checkpoints and proof files as C2SP defines them, with the vectors of the reference."""

import base64
from dataclasses import replace
from typing import Final

import pytest

from domain.audit.checkpoint import Checkpoint, InclusionProof
from domain.audit.merkle_tree import leaf_hash
from domain.audit.signed_note import NoteMalformed, NoteSignature, SignedNote, VerifierKey

VKEY: Final = "shulk.example/audit+c690246a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
NOTE: Final = """\
shulk.example/audit
3
kLUuDOf8sMpZHKKvPUIzW5dw26/zQirg0L3FuzCobLY=

— shulk.example/audit xpAkaswrLPWF84tXCvZ2TDCoq6aY21QbpD12fSKm5u86u42U3zDBAur9r5I9LsRiI/i2FwFlIpyFXRCghQzQqNExDAw=
"""
PROOF: Final = f"""\
c2sp.org/tlog-proof@v1
index 1
UlJ1vTnWPbc9O93ftIxClRJ5uBqyN6OVXJ97Yx94QjM=
P3p/8BVXsdgEAGbC5PoRYakksXccFP645eAuXZMgVnc=

{NOTE}"""
HASH: Final = base64.b64encode(bytes(32)).decode()
PAID: Final = leaf_hash(b'{"action":"payment.paid","n":2}')


def test_a_key_is_read_and_written() -> None:
    """
    The id of a key is made of its name and its bytes.
    """
    key = VerifierKey.parse(f"{VKEY}\n")

    assert str(key) == VKEY
    assert key.key_id.hex() == "c690246a"


@pytest.mark.parametrize(
    "written",
    [
        "",
        VKEY.replace("c690246a", "c690246b"),
        VKEY.replace("shulk.example", "shulk.invalid"),
        VKEY.replace("+AQOh", "+AgOh"),
        f"{VKEY}A",
        VKEY.replace("shulk.example/audit", "two words"),
        "a+c690246a+AQ==",
        "a+c690246a+Aé==",
        f"{'a' * 101}+c690246a+{VKEY.rpartition('+')[2]}",
    ],
)
def test_another_key_is_refused(written: str) -> None:
    """
    A key with a letter changed, of another algorithm, or too short is none.
    """
    with pytest.raises(NoteMalformed):
        VerifierKey.parse(written)


def test_a_note_is_read_and_written() -> None:
    """
    A note is written as it was read, and says whose signature it bears.
    """
    note = SignedNote.parse(NOTE)

    assert str(note) == NOTE
    assert note.signatures[0].is_by(VerifierKey.parse(VKEY))
    assert not NoteSignature("other", note.signatures[0].key_id, b"").is_by(VerifierKey.parse(VKEY))


@pytest.mark.parametrize(
    "written",
    [
        "",
        NOTE.rstrip("\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— shulk.example/audit", "— shulk+example"),
        NOTE.replace("ExDAw=", "ExDAx="),
        f"{NOTE}\n",
        f"{'a' * 10_000}{NOTE}",
        "a\n\n— name AAAAAA==\n",
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    """
    No signature, a broken one, another line behind the text, and too long a text.
    """
    with pytest.raises(NoteMalformed):
        SignedNote.parse(written)


def test_a_checkpoint_is_read_and_written() -> None:
    """
    Origin, size and root are three lines; further ones, of later versions, are passed over.
    """
    text = SignedNote.parse(NOTE).text
    checkpoint = Checkpoint.parse(text)

    assert (checkpoint.origin, checkpoint.size) == ("shulk.example/audit", 3)
    assert checkpoint.root.hex()[:8] == "90b52e0c"
    assert checkpoint.text == text
    assert Checkpoint.parse(f"{text}more\n") == checkpoint
    following = replace(checkpoint, before=2)
    assert following.text == f"{text}before 2\n"
    assert Checkpoint.parse(following.text) == following


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"\n1\n{HASH}\n",
        f"a\n1\n{HASH}",
        f"a\n01\n{HASH}\n",
        f"a\n-1\n{HASH}\n",
        f"a\n{2**63 + 1}\n{HASH}\n",
        "a\n1\nAAAA\n",
        f"a\n1\n{HASH}\nbefore x\n",
        f"a\n1\n{HASH}\nbefore 0\nbefore 0\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """
    A size beyond 2**63, or written in a second way, is no size, and a root has 32 bytes.
    """
    with pytest.raises(NoteMalformed):
        Checkpoint.parse(text)


def test_a_proof_file_is_read_written_and_believed() -> None:
    """
    The proof of the second of three lines holds for that line and for no other.
    """
    proof = InclusionProof.parse(PROOF)

    assert str(proof) == PROOF
    assert proof.proves(PAID)
    assert not proof.proves(leaf_hash(b""))


def test_data_of_an_application_is_passed_over() -> None:
    """
    The format allows a line of extra data, which proves nothing.
    """
    assert InclusionProof.parse(PROOF.replace("index", "extra AAAA\nindex")).proves(PAID)


@pytest.mark.parametrize(
    "written",
    [
        "",
        PROOF.replace("@v1", "@v2"),
        PROOF.replace("index 1\n", ""),
        PROOF.replace("index 1", "index 01"),
        "c2sp.org/tlog-proof@v1\n\n",
        PROOF.replace("index 1\n", "index 1\n" + 64 * (HASH + "\n")),
        PROOF.replace("UlJ1vTn", ""),
        PROOF.replace("index", "extra A\nindex"),
    ],
)
def test_what_is_no_proof_is_refused(written: str) -> None:
    """
    Another version, no index, too many hashes, and hashes of another length.
    """
    with pytest.raises(NoteMalformed):
        InclusionProof.parse(written)
