"""Tokens: one algorithm, one issuer, one audience, a time; everything else is refused alike."""

import base64
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from worlds.http import Client, HttpWorld, problem
from worlds.settings import SECRET, settings_with

HISTORY: Final = "/api/payment/history"
LATER: Final = timedelta(minutes=1)


def sent(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_good_token_is_believed(client: Client, world: HttpWorld) -> None:
    """
    Signed, for us, from the platform, and in time.
    """
    assert (await client.get(HISTORY, headers=world.bearer())).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example.com"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"exp": True},
        {"sub": None},
        {"sub": 7},
        {"sub": "a" * 65},
        {"sub": "a b"},
        {"sub": ""},
        {"roles": "student"},
        {"roles": ["student"] * 17},
        {"name": "A" * 101},
        {"name": "a\u0000b"},
        {"email": "no address"},
        {"phone": "call me"},
    ],
)
async def test_a_claim_that_does_not_hold(
    client: Client, world: HttpWorld, changes: dict[str, Any]
) -> None:
    """
    Each refusal is the same 401 and does not say which claim it was.
    """
    answer = await client.get(HISTORY, headers=world.bearer(**changes))

    body = problem(answer, 401, "not-signed-in")
    assert body["detail"] == "The request carries no valid token or session."


async def test_time_is_kept_by_our_clock(client: Client, world: HttpWorld) -> None:
    """
    Expired, not yet valid and issued in the future are refused; a few seconds apart are not.
    """
    now = world.clock.now()
    second = timedelta(seconds=1)
    cases: tuple[tuple[dict[str, Any], int], ...] = (
        ({"exp": now - LATER}, 401),
        ({"exp": now - second}, 200),
        ({"nbf": now + LATER}, 401),
        ({"nbf": now + second}, 200),
        ({"iat": now + LATER}, 401),
        ({"iat": now + second}, 200),
    )
    for changes, status in cases:
        answer = await client.get(HISTORY, headers=world.bearer(**changes))
        assert answer.status_code == status, changes


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a.b.c",
        "Basic YTpi",
        "Token x",
        "Bearer " + "x" * 9000,
        "Bearer \x80",
    ],
)
async def test_what_is_no_token(client: Client, header: str) -> None:
    """
    Other schemes, nonsense and far too much are refused, and a cookie does not make up for it.
    """
    raw = [(b"Authorization", header.encode("latin-1"))]
    answer = await client.get(HISTORY, headers=raw)

    problem(answer, 401, "not-signed-in")


async def test_unsigned_and_otherwise_signed(client: Client, world: HttpWorld) -> None:
    """
    ``none``, another secret, and another HMAC are not the pinned algorithm with the pinned key.
    """
    claims = world.claims()
    plain = {**claims, "iat": 1, "exp": 9_999_999_999}
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")
        for each in ({"alg": "none", "typ": "JWT"}, plain)
    ]
    for token in (
        ".".join([*parts, ""]),
        jwt.encode(claims, SECRET[::-1], algorithm="HS256"),
        jwt.encode(claims, SECRET * 2, algorithm="HS512"),
        jwt.encode(claims, SECRET, algorithm="HS256", headers={"typ": "refresh+jwt"}),
    ):
        problem(await client.get(HISTORY, headers=sent(token)), 401, "not-signed-in")


async def test_keys_a_token_brings_along_are_not_looked_at(
    client: Client, world: HttpWorld
) -> None:
    """
    ``jwk``, ``jku`` and ``x5u`` change nothing: only our own key counts.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    brought = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    forged = jwt.encode(
        world.claims(), key, algorithm="ES256", headers={"jwk": brought, "jku": "https://x.example"}
    )
    honest = jwt.encode(
        world.claims(), SECRET, algorithm="HS256", headers={"jku": "https://x.example.com/keys"}
    )

    problem(await client.get(HISTORY, headers=sent(forged)), 401, "not-signed-in")
    assert (await client.get(HISTORY, headers=sent(honest))).status_code == 200


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_public_keys_from_a_file(tmp_path: Path, algorithm: str) -> None:
    """
    ``kid`` picks among the file's keys; the public key is no HMAC secret for anybody.
    """
    private = {"old": _key(algorithm), "new": _key(algorithm)}
    listed = [{**_public(key), "kid": kid, "alg": algorithm} for kid, key in private.items()]
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": listed}), encoding="utf-8")
    world = HttpWorld(
        settings_with(jwt_algorithm=algorithm, jwt_secret="", jwt_jwks_file=str(path))
    )
    claims = world.claims()

    async with world.serve() as client:
        for kid, key in private.items():
            token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})
            assert (await client.get(HISTORY, headers=sent(token))).status_code == 200
        for token in (
            jwt.encode(claims, private["old"], algorithm=algorithm, headers={"kid": "new"}),
            jwt.encode(claims, private["old"], algorithm=algorithm, headers={"kid": "gone"}),
            jwt.encode(claims, private["old"], algorithm=algorithm),
            _signed_with_the_public_key(listed[0], world),
        ):
            problem(await client.get(HISTORY, headers=sent(token)), 401, "not-signed-in")


def test_a_key_for_another_algorithm_stops_the_start(tmp_path: Path) -> None:
    """
    A mixed-up key file is found at the start, not by the first student.
    """
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{**_public(_key("ES256")), "alg": "ES256"}]}))
    settings = settings_with(jwt_algorithm="RS256", jwt_secret="", jwt_jwks_file=str(path))

    with pytest.raises(ValueError, match="for ES256"):
        HttpWorld(settings).app()


def test_an_empty_key_file_stops_the_start(tmp_path: Path) -> None:
    """
    No key at all would shut everybody out.
    """
    path = tmp_path / "jwks.json"
    path.write_text('{"keys": []}', encoding="utf-8")
    settings = settings_with(jwt_algorithm="RS256", jwt_secret="", jwt_jwks_file=str(path))

    with pytest.raises(ValueError, match="no key"):
        HttpWorld(settings).app()


def _signed_with_the_public_key(public: dict[str, Any], world: HttpWorld) -> str:
    now = int(world.clock.now().timestamp())
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in (
            {"alg": "HS256", "kid": public["kid"]},
            {**world.claims(), "iat": now, "exp": now + 60},
        )
    ]
    signed = b".".join(parts)
    mac = hmac.digest(json.dumps(public).encode(), signed, "sha256")
    return b".".join([signed, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def _key(algorithm: str) -> Any:
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _public(key: Any) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    found: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return found
