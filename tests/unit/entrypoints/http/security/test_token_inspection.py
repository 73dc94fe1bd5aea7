"""An inspection says what is wrong with a token in plain words, and never what is secret."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import pytest

from entrypoints.http.security.identity import TokenInvalid, TokenReader
from entrypoints.http.security.token_inspection import inspect
from worlds.settings import AUDIENCE, PLATFORM, SECRET, settings_with

AT: Final = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
READER: Final = TokenReader.of(settings_with())


def claims(**changes: Any) -> dict[str, Any]:
    said = {
        "iss": PLATFORM,
        "aud": AUDIENCE,
        "sub": "auth0|64f",
        "name": "Asha",
        "email": "asha@example.com",
        "phone": "+919845012345",
        "roles": ["student"],
        "iat": AT,
        "exp": AT + timedelta(minutes=5),
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    headers = changes.pop("headers", None)
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


CASES: Final[dict[str, tuple[str, str]]] = {
    "fine": (signed(), ""),
    "changed": (signed()[:-4] + "AAAA", "signature does not fit"),
    "by another key": (signed(SECRET[::-1]), "signature does not fit"),
    "by another algorithm": (signed(SECRET * 2, "HS512"), "SHULK_JWT_ALGORITHM takes HS256"),
    "of another kind": (signed(headers={"typ": "refresh+jwt"}), "typ is 'refresh+jwt'"),
    "for another audience": (signed(aud="them"), "aud is 'them'; SHULK_JWT_AUDIENCE is shulk"),
    "without an audience": (signed(aud=None), "claim aud is missing"),
    "of another issuer": (signed(iss=PLATFORM + "/"), "SHULK_JWT_ISSUER is"),
    "of nobody": (signed(sub=None), "claim sub is missing"),
    "of an unusable subject": (signed(sub="आशा"), "claim sub is not usable"),
    "with one role": (signed(roles="student"), "roles are no short list"),
    "expired": (signed(exp=AT - timedelta(minutes=5)), "has expired"),
    "for later": (signed(nbf=AT + timedelta(hours=1)), "clocks follow a time server"),
    "from the future": (signed(iat=AT + timedelta(hours=1)), "clocks follow a time server"),
    "long": (signed(exp=AT + timedelta(hours=1)), "SHULK_JWT_LIFETIME_MAX_SECONDS"),
    "endless": (signed(exp=None), "claim exp is missing"),
    "at no time": (signed(exp="tomorrow"), "which is no time"),
    "cut": (signed().rpartition(".")[0], "has 2 parts"),
    "encrypted": ("a.b.c.d.e", "It is encrypted"),
    "nonsense": ("a.b.c", "no JSON objects"),
    "empty": (" \n", "There is no token"),
    "too long": (signed(filler="x" * 9000), "longer than 8192"),
}


@pytest.mark.parametrize("name", CASES)
async def test_an_inspection_and_the_service_agree(name: str) -> None:
    """
    It is accepted exactly where a request with it would be, and a refusal has its sentence.
    """
    token, expected = CASES[name]
    found = await inspect(READER, token, AT)

    try:
        await READER.read(token, AT)
    except TokenInvalid:
        assert not found.accepted
    else:
        assert found.accepted
    wrong = " ".join(each.says for each in found.findings if each.wrong)
    assert bool(wrong) is not found.accepted
    assert expected in " ".join(each.says for each in found.findings)


@pytest.mark.parametrize("name", CASES)
async def test_nothing_secret_is_said(name: str) -> None:
    """
    Neither the key, nor the signature, nor name, email and telephone number.
    """
    token, _ = CASES[name]
    said = " ".join(each.says for each in (await inspect(READER, token, AT)).findings)

    assert SECRET not in said
    assert token.rpartition(".")[2] not in said or len(token) < 10
    assert "Asha" not in said
    assert "asha@" not in said
    assert "98450" not in said


async def test_a_token_as_it_is_copied() -> None:
    """
    With the scheme before it, in quotes, or with a line break behind.
    """
    for copied in (f"Bearer {signed()}", f'"{signed()}"', f"{signed()}\n"):
        assert (await inspect(READER, copied, AT)).accepted


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "A" * 101}, "name cannot be used: it is longer than 100 characters"),
        ({"email": "no address"}, "email cannot be used"),
        ({"phone": "call me"}, "phone cannot be used"),
        ({"name": None}, "name is missing, so the student cannot pay"),
        ({"roles": None}, "with these roles: none"),
        ({"roles": ["student", "teacher"]}, "1 of at most 256 roles are not known"),
        ({"iat": None}, "iat is missing"),
        ({"headers": {"jku": "https://x.example.com"}}, "jku, which is not looked at"),
        ({"sub": "\x1b[2J"}, "sub is not usable"),
    ],
)
async def test_what_is_odd_is_said_as_well(changes: dict[str, Any], expected: str) -> None:
    """
    A profile that cannot be used refuses nobody, and yet the platform has to learn of it.
    """
    found = await inspect(READER, signed(**changes), AT)

    assert expected in " ".join(each.says for each in found.findings)
    assert "\x1b" not in " ".join(each.says for each in found.findings)
