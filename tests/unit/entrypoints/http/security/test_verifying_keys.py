"""Of the keys that a platform publishes, those that verify tokens are taken and the others passed over."""

from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from entrypoints.http.security.verifying_keys import KEYS_MAX, KeysUnusable, read_key_set
from entrypoints.settings.settings import JwtAlgorithm
from samples.platform_keys import key_set, private_key, published

BOTH: Final = (JwtAlgorithm.RS256, JwtAlgorithm.ES256)
GOOD: Final = published(private_key("ES256"), kid="good", use="sig", alg="ES256")


def test_as_keycloak_publishes_them() -> None:
    """
    One key signs, the one beside it encrypts: the first is taken, the second named.
    """
    signing = published(private_key("RS256"), kid="s", use="sig", alg="RS256")
    encrypting = published(private_key("RS256", "two"), kid="e", use="enc", alg="RSA-OAEP")

    keys = read_key_set(key_set(signing, encrypting), [JwtAlgorithm.RS256])

    assert [(each.id, each.algorithm) for each in keys.keys] == [("s", JwtAlgorithm.RS256)]
    assert keys.passed_over == ("key 2: it is not for signatures (use)",)
    assert keys.find("e", JwtAlgorithm.RS256) is None


def test_two_algorithms_beside_each_other() -> None:
    """
    Each key verifies by its own algorithm, and is found by its id or as the only one.
    """
    rsa_key = published(private_key("RS256"), kid="same")
    keys = read_key_set(key_set(rsa_key, {**GOOD, "kid": "same"}), BOTH)

    for algorithm in BOTH:
        for key_id in ("same", None):
            found = keys.find(key_id, algorithm)
            assert found is not None
            assert found.algorithm is algorithm
    assert keys.find("other", JwtAlgorithm.ES256) is None


def test_without_an_id_two_keys_are_none() -> None:
    """
    A token that names no key is not tried with each.
    """
    other = published(private_key("ES256", "two"), kid="other")

    assert read_key_set(key_set(GOOD, other), BOTH).find(None, JwtAlgorithm.ES256) is None


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        (published(private_key("RS256", "two"), use="enc"), "not for signatures"),
        (published(private_key("RS256", "two"), alg="RSA-OAEP"), "not for RS256"),
        (published(private_key("RS256", "two"), alg="PS256"), "not for RS256"),
        (
            published(private_key("RS256", "two"), alg=None, key_ops=["encrypt"]),
            "not for verifying",
        ),
        (published(private_key("RS256", "two"), key_ops="verify"), "not for verifying"),
        (published(private_key("RS256", "two"), n="!"), "no key"),
        (published(private_key("RS256", "two"), d="AQAB"), "a private key"),
        (published(private_key("ES256", "two"), crv="P-384"), "not P-256"),
        (published(ec.generate_private_key(ec.SECP384R1())), "not P-256"),
        ({"kty": "oct", "k": "AAAA", "kid": "x"}, "neither RSA nor EC"),
        ({"kty": ["RSA"]}, "neither RSA nor EC"),
        ("no key at all", "neither RSA nor EC"),
    ],
)
def test_an_unfit_key_is_passed_over(unfit: Any, reason: str) -> None:
    """
    It verifies nothing, and does not keep the key beside it from doing so.
    """
    keys = read_key_set(key_set(unfit, GOOD), BOTH)

    assert [each.id for each in keys.keys] == ["good"]
    assert reason in keys.passed_over[0]
    with pytest.raises(KeysUnusable, match="no key that verifies"):
        read_key_set(key_set(unfit), BOTH)


def test_an_algorithm_that_was_not_chosen_is_passed_over() -> None:
    """
    Only the settings say what tokens may be signed by.
    """
    keys = read_key_set(key_set(published(private_key("RS256")), GOOD), [JwtAlgorithm.ES256])

    assert [each.id for each in keys.keys] == ["good"]
    assert "RS256 is not in SHULK_JWT_ALGORITHM" in keys.passed_over[0]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b"\xff",
        b"[" * 100_000,
        key_set(*[GOOD] * (KEYS_MAX + 1)),
    ],
)
def test_what_is_no_set_of_keys(text: bytes) -> None:
    """
    It is refused as a whole.
    """
    with pytest.raises(KeysUnusable):
        read_key_set(text, BOTH)


def test_a_short_key_is_no_key() -> None:
    """
    1,024 bits can be factored by whoever wants to sign in as somebody else.
    """
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that it is refused is what is tested

    with pytest.raises(KeysUnusable, match="2048"):
        read_key_set(key_set(published(short)), BOTH)
