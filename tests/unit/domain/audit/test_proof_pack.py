"""A proof pack is believed byte by byte, and whoever bends it is told where."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ed25519.note_signatures import NoteSigner
from domain.audit import proof_archive
from domain.audit.proof_archive import ProofArchive, ProofFound
from domain.audit.proof_pack import MANIFEST, NOTE, Manifest, PackedFile, ProofBroken
from domain.audit.signed_note import SignedNote
from fakes.audit.checkpoint_signer import OTHER_KEY, SIGNER
from fakes.clock import NOON
from unit.domain.audit.packs import (
    ABOUT,
    a_line,
    check,
    files_of,
    pack_of,
    packed_anew,
    plain,
    proved,
)

FILES = files_of(a_line())
PACK = pack_of(FILES)
STRANGER = NoteSigner([OTHER_KEY])


def broken(pack: bytes) -> str:
    with pytest.raises(ProofBroken) as found:
        check(pack)
    return str(found.value)


def signed(text: str) -> bytes:
    return str(SignedNote(text, SIGNER.sign(text))).encode()


def test_a_pack_is_whole_and_always_the_same() -> None:
    """
    The same files make the same bytes, and with nothing but the public key they are believed.
    """
    assert pack_of(dict(reversed(FILES.items()))) == PACK
    assert check(PACK) == ProofFound(payment=ABOUT, made_at=NOON, files=4, proved=1)
    assert ZipFile(BytesIO(PACK)).namelist() == [*sorted(FILES), MANIFEST, NOTE]


def test_files_are_written_in_their_order() -> None:
    """
    Otherwise two packs of the same files would differ.
    """
    archive = ProofArchive(BytesIO())
    archive.add("b", b"")
    with pytest.raises(ValueError, match="a comes too late"):
        archive.add("a", b"")


@given(st.integers(0, len(PACK) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, difference: int) -> None:
    """
    Of no file, and of nothing between the files.
    """
    bent = bytearray(PACK)
    bent[place] ^= difference

    with pytest.raises(ProofBroken):
        check(bytes(bent))


@given(st.sampled_from([*FILES, MANIFEST, NOTE]), st.data())
def test_no_file_can_be_changed_and_packed_anew(name: str, data: st.DataObject) -> None:
    """
    With another content, or without it: the archive is in order, and the pack is not.
    """
    content = bytearray({**FILES, MANIFEST: b"{}", NOTE: b"\n"}[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    assert broken(packed_anew(PACK, **{plain(name): bytes(content)}))
    assert broken(packed_anew(PACK, **{plain(name): None}))


def test_what_is_wrong_is_said() -> None:
    """
    Which file, and what is the matter with it.
    """
    added = BytesIO(PACK)
    with ZipFile(added, "a") as archive:
        archive.writestr("letter.txt", "Dear bank")
    twice = BytesIO(PACK)
    with (
        ZipFile(twice, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(archive.getinfo("index.html"), FILES["index.html"])
    squeezed = BytesIO()
    with ZipFile(squeezed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("index.html", "a" * 1000)

    assert broken(added.getvalue()) == "letter.txt: it was added: the manifest does not name it"
    assert broken(twice.getvalue()) == "the files stand in another order, or one of them twice"
    assert broken(squeezed.getvalue()) == "index.html: it is packed as no file of a proof pack is"
    assert broken(packed_anew(PACK, index_html=None)) == "index.html: it is missing"
    assert broken(packed_anew(PACK, manifest_note=None)) == "manifest.note: it is missing"
    assert broken(packed_anew(PACK, index_html=b"<p>Free</p>")) == "index.html: it was changed"
    assert broken(PACK.replace(b"Paid", b"Free")) == "index.html: it was changed"
    assert broken(b"PK" + PACK) == "the archive holds other bytes than those of its files"
    assert broken(PACK[:-30]) == "the archive is damaged and cannot be read"
    assert broken(packed_anew(PACK, manifest_note=b"\xff")) == "manifest.note: it is not UTF-8"


def test_a_pack_of_somebody_else_is_not_believed() -> None:
    """
    A signature by another key of the same name, a note about something else, a manifest that was not signed.
    """
    assert broken(pack_of(FILES, STRANGER)).startswith("manifest.note: no key that is given")
    for text in ("shulk.example/audit\n1\nAAAA\n", "shulk-proof-pack@v1\nSK\n"):
        note = packed_anew(PACK, manifest_note=signed(text))
        assert broken(note) == "manifest.note: it is not about a proof pack"
    assert broken(packed_anew(PACK, manifest_note=b"none")).startswith("manifest.note: a note is")
    other = packed_anew(PACK, manifest_json=b"{}")
    assert broken(other).startswith("manifest.json: it was changed")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"[]", "it cannot be read"),
        (b"{", "it cannot be read"),
        (b'{"files":{"/etc":{"sha256":"' + b"0" * 64 + b'","size":1}}}', "it cannot be read"),
        (bytes(Manifest(payment="a b", made_at=NOON, files={})), "it is not written as"),
        (bytes(Manifest(payment="SK", made_at=NOON, files={})) + b" ", "it is not written as"),
        (
            bytes(
                Manifest(payment="SK", made_at=NOON, files={"../a": PackedFile("0" * 64, 1)}),
            ),
            "it cannot be read",
        ),
    ],
)
def test_a_manifest_is_written_in_one_way(written: bytes, why: str) -> None:
    """
    Even one that was signed: no other writing, no name that leaves the pack.
    """
    with pytest.raises(ProofBroken, match=why):
        Manifest.parse(written)


def test_a_signed_text_about_another_payment_does_not_do() -> None:
    """
    The note names the payment beside the hash of the manifest.
    """
    manifest = ZipFile(BytesIO(PACK)).read(MANIFEST)
    text = Manifest.parse(manifest).text.replace(ABOUT, "SKB")

    assert broken(packed_anew(PACK, manifest_note=signed(text))).endswith(
        "it is about another payment than the one that was signed"
    )


def test_each_line_is_proved_to_be_in_the_log() -> None:
    """
    Though the pack is signed: by the proof of this line, about this payment, under a checkpoint of the log.
    """
    other = a_line("SKB")
    cases = {
        "audit/0.json: it is about another payment": files_of(other),
        "audit/0.json: its proof is about another line": FILES | {"audit/0.json": other},
        "audit/0.tlog-proof: it is missing": {"audit/0.json": a_line()},
        "audit/0.json: its proof is none: a proof begins with c2sp.org/tlog-proof@v1": FILES
        | {"audit/0.tlog-proof": b"-"},
        "audit/0.json: its proof is none: no key that is known has signed this checkpoint": FILES
        | {"audit/0.tlog-proof": proved(a_line(), STRANGER)},
    }
    for why, files in cases.items():
        assert broken(pack_of(files)) == why


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Neither a manifest without end nor files without number.
    """
    monkeypatch.setattr(proof_archive, "END_BYTES_MAX", 10)
    assert broken(PACK) == "manifest.json: it is longer than it can be"
    monkeypatch.setattr(proof_archive, "FILES_MAX", 5)
    assert broken(PACK) == "the archive has too many files for a proof pack"


def test_a_shorter_archive_with_the_same_files_is_another() -> None:
    """
    Behind its end nothing may stand either.
    """
    commented = BytesIO(PACK)
    with ZipFile(commented, "a", ZIP_STORED) as archive:
        archive.comment = b"x"

    assert broken(commented.getvalue()) == "the archive holds other bytes than those of its files"
    assert json.loads(ZipFile(BytesIO(PACK)).read(MANIFEST))["transaction_id"] == ABOUT
