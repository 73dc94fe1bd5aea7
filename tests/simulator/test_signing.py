"""The return signature against vectors that were checked with the bank's own sample programs."""

from urllib.parse import unquote

import pytest

from entrypoints.simulator.signing import encoded, message_to_sign, signature_of

KEY = "SIMRESPONSEKEY00112233445566778899"

V1 = {"order_id": "ORD20260731A1B2C3D4", "status": "CHARGED", "status_id": "21"}
V1_SIGNATURE = "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As+OLfW5UB9A="
V2 = {"order_id": "inv-2026_0042", "status": "AUTHORIZATION_FAILED", "status_id": "27"}
V3 = {
    "order_id": "ORD20260731A1B2C3D5",
    "status": "PENDING_VBV",
    "status_id": "23",
    "myQP": "aGVsbG9Xb3JsZA==",
}
V4 = V1 | {"order_id": "ORD20260731A1B2C3D6", "note": "a b*~c/é+d"}
V5 = {"order_id": "ORDPLUS00000", "status": "CHARGED", "status_id": "21"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(V1, V1_SIGNATURE, id="V1 plain"),
        pytest.param(V2, "vRFuQT6tGvQdp0BrRqmNlYXlfwK+pNVMsrLKt10hMK4=", id="V2 failed"),
        pytest.param(V3, "AAX0G93Xlnheoq6np/QNgWZfMWNSgaURYt2UwVixa/0=", id="V3 foreign"),
        pytest.param(V4, "efvq3TP3ncn2BSi5RvQlEIN4lwn8mw0ReED1esYRXBY=", id="V4 RFC 3986"),
        pytest.param(V5, "fWwZD+387HymvZRI0F4RK/nCiagRASizbQVLMf4PpPc=", id="V5 plus and slash"),
    ],
)
def test_the_published_vectors_hold(fields: dict[str, str], expected: str) -> None:
    """
    The order in which parameters were given plays no part.
    """
    assert expected == signature_of(fields, KEY)
    assert expected == signature_of(dict(reversed(fields.items())), KEY)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (V1, "order_id%3DORD20260731A1B2C3D4%26status%3DCHARGED%26status_id%3D21"),
        (
            V3,
            (
                "myQP%3DaGVsbG9Xb3JsZA%253D%253D%26order_id%3DORD20260731A1B2C3D5"
                "%26status%3DPENDING_VBV%26status_id%3D23"
            ),
        ),
    ],
)
def test_what_is_signed_is_encoded_twice(fields: dict[str, str], expected: str) -> None:
    """
    Keys and values first, then the joined whole.
    """
    assert expected == message_to_sign(fields)


def test_leaving_out_the_inner_encoding_gives_another_signature() -> None:
    """
    The value that some kits compute for a foreign parameter is not ours.
    """
    assert signature_of(V3, KEY) != "9+rfW7JA+M4IYyzNef0b1vG9oXXGrE0uW5zkZ6z9S/A="


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param(V1 | {"status": "NEW"}, id="status"),
        pytest.param(V1 | {"status_id": "10"}, id="status id"),
        pytest.param(V1 | {"more": "1"}, id="one more parameter"),
        pytest.param({"order_id": V1["order_id"], "status": "CHARGED"}, id="one less"),
    ],
)
def test_any_change_changes_the_signature(altered: dict[str, str]) -> None:
    """
    A forger cannot alter, add or drop a parameter.
    """
    assert signature_of(altered, KEY) != V1_SIGNATURE


def test_every_character_of_the_key_counts() -> None:
    assert signature_of(V1, KEY.lower()) != V1_SIGNATURE


def test_the_signatures_own_parameters_take_no_part() -> None:
    """
    Signing what is already signed changes nothing.
    """
    signed = V1 | {"signature": "x", "signature_algorithm": "HMAC-SHA256"}

    assert signature_of(signed, KEY) == V1_SIGNATURE


def test_the_signature_survives_one_and_two_encodings() -> None:
    """
    The forms that travel in a URL, as the bank's samples write them.
    """
    once = encoded(V1_SIGNATURE)

    assert once == "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As%2BOLfW5UB9A%3D"
    assert encoded(once).endswith("As%252BOLfW5UB9A%253D")
    assert unquote(unquote(encoded(once))) == V1_SIGNATURE
