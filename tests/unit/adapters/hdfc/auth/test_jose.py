"""JWT mode's jwe: what we close the bank can open, and nothing opens for us that the bank did not close."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.auth.jose import (
    JweKeys,
    NotAKey,
    decrypt_and_verify,
    private_key_in,
    public_key_in,
    sign_and_encrypt,
)
from adapters.hdfc.auth.request_auth import NotAuthentic
from samples.hdfc.jwe import KEY_ID, JweRecipe, b64, pair, private_pem, public_pem, read_jwe
from samples.hdfc.samples import UNHURRIED

PAYLOAD = b'{"order_id":"SK7QXM2RT5WB4NH6YJKD","status":"CHARGED","status_id":21}'


def keys(**changes: Any) -> JweKeys:
    usual = JweKeys(key_id=KEY_ID, private_key=pair("merchant"), bank_key=pair("bank").public_key())
    return replace(usual, **changes)


def from_bank(payload: bytes = PAYLOAD, **changes: Any) -> dict[str, str]:
    return JweRecipe(**changes).sign_and_encrypt(
        payload, pair("bank"), pair("merchant").public_key()
    )


def test_the_bank_can_decrypt_and_verify_a_request() -> None:
    """
    As SmartGateway documents it, header by header.
    """
    jwe = sign_and_encrypt(PAYLOAD, keys())
    payload, outer, inner = read_jwe(jwe, pair("bank"), pair("merchant").public_key())

    assert payload == PAYLOAD
    assert outer == {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": KEY_ID}
    assert inner == {"alg": "RS256", "kid": KEY_ID}
    assert set(jwe) == {"header", "encryptedKey", "iv", "encryptedPayload", "tag"}


def test_no_two_requests_share_a_key_or_a_nonce() -> None:
    first, second = sign_and_encrypt(PAYLOAD, keys()), sign_and_encrypt(PAYLOAD, keys())

    assert all(first[name] != second[name] for name in ("encryptedKey", "iv", "encryptedPayload"))


def test_what_the_bank_seals_we_read() -> None:
    assert decrypt_and_verify(from_bank(), keys()) == PAYLOAD


def test_the_agreed_content_type_changes_nothing() -> None:
    """
    Some of the bank's own programs say ``cty``, some do not.
    """
    assert decrypt_and_verify(from_bank(outer=(("cty", "JWT"), ("typ", "JOSE"))), keys()) == PAYLOAD


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kid": "key_of_somebody_else"}, "key id"),
        ({"kid": None}, "key id"),
        ({"kid": ["x"]}, "key id"),
        ({"inner_kid": "../../etc/passwd"}, "key id"),
        ({"inner_kid": "https://keys.example.com/1"}, "key id"),
        ({"alg": "RSA-OAEP", "oaep": hashes.SHA1}, "algorithms"),
        ({"alg": "RSA-OAEP"}, "algorithms"),
        ({"alg": "RSA1_5"}, "algorithms"),
        ({"alg": "dir"}, "algorithms"),
        ({"enc": "A128GCM", "content_key_bytes": 16}, "algorithms"),
        ({"enc": "A256CBC-HS512"}, "algorithms"),
        ({"inner_alg": "none", "signature": b""}, "algorithms"),
        ({"inner_alg": "HS256"}, "algorithms"),
        ({"inner_alg": "PS256"}, "algorithms"),
        ({"oaep": hashes.SHA1}, "our key"),
        ({"content_key_bytes": 16}, "another length"),
        ({"nonce_bytes": 16}, "another length"),
        ({"outer": (("zip", "DEF"),)}, "changes its meaning"),
        ({"outer": (("crit", ["exp"]),)}, "changes its meaning"),
        ({"inner": (("crit", ["b64"]), ("b64", False))}, "changes its meaning"),
        ({"inner": (("b64", False),)}, "changes its meaning"),
        ({"signature": b""}, "not signed"),
        ({"signature": b"x" * 256}, "not signed"),
    ],
)
def test_nothing_else_is_accepted(changes: dict[str, Any], why: str) -> None:
    """
    Which algorithms are good is not the message's to say; a key id picks our pair or none.
    """
    with pytest.raises(NotAuthentic, match=why):
        decrypt_and_verify(from_bank(**changes), keys())


def test_only_the_bank_signs() -> None:
    """
    Everybody has our public key: that a text is encrypted for us proves nothing.
    """
    for signer in ("stranger", "merchant"):
        jwe = JweRecipe().sign_and_encrypt(PAYLOAD, pair(signer), pair("merchant").public_key())
        with pytest.raises(NotAuthentic, match="not signed by the bank"):
            decrypt_and_verify(jwe, keys())


def test_what_is_sealed_for_others_is_not_ours() -> None:
    jwe = JweRecipe().sign_and_encrypt(PAYLOAD, pair("bank"), pair("stranger").public_key())

    with pytest.raises(NotAuthentic, match="not encrypted for our key"):
        decrypt_and_verify(jwe, keys())


@given(data=st.data())
@UNHURRIED
def test_one_flipped_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    """
    In the header, the key, the nonce, the text or its tag.
    """
    jwe = dict(JWE)
    name = data.draw(st.sampled_from(sorted(jwe)))
    at = data.draw(st.integers(0, len(jwe[name]) - 1))
    character = data.draw(
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0189-_")
    )
    jwe[name] = jwe[name][:at] + character + jwe[name][at + 1 :]

    try:
        payload = decrypt_and_verify(jwe, keys())
    except NotAuthentic:
        return
    # The last character of base64 has bits that nobody reads.
    assert (payload, at) == (PAYLOAD, len(JWE[name]) - 1) or jwe == JWE


JWE = from_bank()


@pytest.mark.parametrize("name", sorted(JWE))
@pytest.mark.parametrize("value", [None, 1, "", "*", "a=b", ["x"], {}])
def test_a_part_that_is_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(NotAuthentic):
        decrypt_and_verify({**JWE, name: value}, keys())


def test_a_plain_answer_is_not_sealed() -> None:
    """
    The exact body of a sale is refused when it is neither signed nor encrypted.
    """
    with pytest.raises(NotAuthentic):
        decrypt_and_verify(json.loads(PAYLOAD), keys())


@pytest.mark.parametrize(
    "signed",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b'{"header":"e30","payload":"e30"}',
        b'{"header":"e30","payload":"e30","signature":1}',
        b'{"header":"!","payload":"e30","signature":"e30"}',
        b'{"header":"e30","header":"e30","payload":"e30","signature":"e30"}',
    ],
)
def test_what_lies_in_the_seal_has_to_be_signed(signed: bytes) -> None:
    """
    Anybody can encrypt for us; only the signature inside counts.
    """
    jwe = JweRecipe().encrypt(signed, pair("merchant").public_key())

    with pytest.raises(NotAuthentic):
        decrypt_and_verify(jwe, keys())


@pytest.mark.parametrize("header", [b"not JSON", b"[]", b"\xff"])
def test_a_header_is_an_object(header: bytes) -> None:
    with pytest.raises(NotAuthentic):
        decrypt_and_verify({**JWE, "header": b64(header)}, keys())


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=50) | st.integers() | st.none()))
@UNHURRIED
def test_no_rubbish_ends_in_anything_but_a_refusal(jwe: dict[str, object]) -> None:
    with pytest.raises(NotAuthentic):
        decrypt_and_verify(jwe, keys())


@given(payload=st.binary(max_size=2000))
@UNHURRIED
def test_any_payload_comes_through_unchanged(payload: bytes) -> None:
    read, _, _ = read_jwe(
        sign_and_encrypt(payload, keys()), pair("bank"), pair("merchant").public_key()
    )

    assert read == payload
    assert decrypt_and_verify(from_bank(payload), keys()) == payload


def test_keys_are_read_from_their_files() -> None:
    ours, theirs = (
        private_key_in(private_pem(pair("merchant"))),
        public_key_in(public_pem(pair("bank"))),
    )

    assert ours.private_numbers() == pair("merchant").private_numbers()
    assert theirs.public_numbers() == pair("bank").public_key().public_numbers()


def test_no_key_shows_in_a_repr() -> None:
    shown = repr(keys())

    assert KEY_ID in shown
    assert "RSA" not in shown


def test_a_weak_or_foreign_key_is_none() -> None:
    """
    Too short, of another kind, locked, the wrong half or no PEM: the message says what is wanted.
    """
    short = generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - refused for it
    curve = ec.generate_private_key(ec.SECP256R1())
    locked = pair("merchant").private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"made-up")
    )
    curve_private = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    curve_public = curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for pem in (private_pem(short), locked, curve_private, public_pem(pair("bank")), b"x", b""):
        with pytest.raises(NotAKey, match="RSA private key"):
            private_key_in(pem)
    for pem in (public_pem(short), curve_public, private_pem(pair("bank")), b"x", b""):
        with pytest.raises(NotAKey, match="RSA public key"):
            public_key_in(pem)


@pytest.mark.parametrize("key_id", ["", "a b", "x" * 129, "key/1", "key\n"])
def test_a_key_id_is_a_plain_name(key_id: str) -> None:
    with pytest.raises(NotAKey, match="key id"):
        keys(key_id=key_id)
