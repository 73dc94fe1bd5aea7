"""Tokens: one algorithm, one issuer, one audience, a time; everything else is refused alike."""

import base64
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from domain.identifiers import PaymentId
from entrypoints.http.security.verifying_keys import KeysUnusable
from samples.platform_keys import key_set, private_key, published
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem
from worlds.settings import SECRET, settings_with

HISTORY: Final = "/api/payment/history"
INITIATE: Final = "/api/payment/initiate"
EMAIL: Final = "asha@example.com"
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
        {"sub": "a" * 256},
        {"sub": " asha"},
        {"sub": "asha "},
        {"sub": "asha\nadmin"},
        {"sub": "आशा"},
        {"sub": ""},
        {"roles": "student"},
        {"roles": ["student"] * 257},
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


@pytest.mark.parametrize(
    "subject",
    [
        "auth0|64f",
        "google-oauth2|1",
        "google-oauth2|107691503500061507151",
        "https://sso.example.com/realms/school/users/64f#me",
        "a b/c%d\\e'f\"g",
        "313874cd-dfbc-423d-b246-548991270564",
        "|" * 255,
    ],
)
async def test_a_person_is_who_the_platform_says(world: HttpWorld, subject: str) -> None:
    """
    By whatever printable id: they pay, see it in their history, and nobody else does.
    """
    async with world.serve() as client:
        payment = await begun_payment(client, world.bearer(subject, name="Asha", email=EMAIL))
        own = await client.get(HISTORY, headers=world.bearer(subject, name=None, email=None))
        other = await client.get(HISTORY, headers=world.bearer(subject[:-1] + "~"))

    assert [each["transaction_id"] for each in own.json()["items"]] == [payment]
    assert other.json()["items"] == []


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        ({"name": "A" * 101}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "\u200f\u00ad"}, "name"),
        ({"name": "\u3164"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "4111 1111 1111 1111"}, "name"),
        ({"name": None}, "name"),
        ({"email": "no address"}, "email"),
        ({"email": "a..b@example.com"}, "email"),
        ({"email": "a@-.-"}, "email"),
        ({"email": ["asha@example.com"]}, "email"),
        ({"email": ""}, "email"),
    ],
)
async def test_a_profile_decides_about_paying_only(
    client: Client, world: HttpWorld, profile: dict[str, Any], field: str
) -> None:
    """
    Paying is refused by the field's name; history, prices, status and receipts go on.
    """
    payment = await begun_payment(client, world.bearer())
    headers = world.bearer(**profile)
    refused = await client.post(INITIATE, json=CHECKOUT, headers=headers)

    told = problem(refused, 403, "profile-incomplete")
    assert [each["field"] for each in told["errors"]] == [field]
    assert (await client.get(HISTORY, headers=headers)).status_code == 200
    assert (await client.get(f"/api/payment/status/{payment}", headers=headers)).status_code == 200
    receipt = await client.get(f"/api/payment/receipt/{payment}", headers=headers)
    problem(receipt, 404, "no-document")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"name": "Asha\u200f Rao"}, ("Asha Rao", EMAIL, "")),
        ({"name": "As\u00adha\tRao "}, ("Asha Rao", EMAIL, "")),
        ({"name": "क\u094d\u200dष"}, ("क\u094d\u200dष", EMAIL, "")),
        ({"email": " asha@example.com\u200e"}, ("Asha", EMAIL, "")),
        ({"email": "x@मेल.भारत"}, ("Asha", "x@मेल.भारत", "")),
        ({"phone": "+91 98450 12345"}, ("Asha", EMAIL, "+919845012345")),
        ({"phone": "call me"}, ("Asha", EMAIL, "")),
        ({"phone": 9845012345}, ("Asha", EMAIL, "")),
        ({"phone": None}, ("Asha", EMAIL, "")),
    ],
)
async def test_a_profile_is_used_as_far_as_it_goes(
    client: Client, world: HttpWorld, said: dict[str, Any], kept: tuple[str, str, str]
) -> None:
    """
    Invisible marks are taken out, a telephone number that is none is left out, and the student pays.
    """
    payment = await begun_payment(client, world.bearer(**said))

    student = world.memory.store.payments[PaymentId(payment)].student
    assert (student.name, student.email, student.phone) == kept


async def test_a_browser_with_an_unusable_profile_is_signed_in(
    client: Client, world: HttpWorld
) -> None:
    """
    The same holds for a session; its student is told why they cannot pay.
    """
    token = world.token(name="\u3164", email="no address", phone="call me")
    form = (await client.post("/session/exchange", json={"token": token})).json()["csrf_token"]
    refused = await client.post(INITIATE, json=CHECKOUT, headers={"X-CSRF-Token": form})

    assert (await client.get(HISTORY)).status_code == 200
    told = problem(refused, 403, "profile-incomplete")
    assert [each["field"] for each in told["errors"]] == ["name", "email"]


@pytest.mark.parametrize(("roles", "status"), [(None, 403), (["teacher"], 403), ([], 403)])
async def test_no_roles_are_no_permission(
    client: Client, world: HttpWorld, roles: object, status: int
) -> None:
    """
    ``null`` is no role: the person is known, and may do nothing here.
    """
    claims = {**world.claims(), "roles": roles}
    token = jwt.encode(claims, SECRET, algorithm="HS256")

    problem(await client.get(HISTORY, headers=sent(token)), status, "not-allowed")


async def test_a_card_number_is_nobodys_id(client: Client, world: HttpWorld) -> None:
    """
    It would stand in every row of that person.
    """
    headers = world.bearer("4111111111111111", name="Asha", email=EMAIL)

    problem(await client.get(HISTORY, headers=headers), 401, "not-signed-in")


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
    private = {"old": private_key(algorithm), "new": private_key(algorithm, "two")}
    listed = [published(key, kid=kid, alg=algorithm) for kid, key in private.items()]
    world = world_with_keys(tmp_path, algorithm, *listed)
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


def test_a_file_without_a_fit_key_stops_the_start(tmp_path: Path) -> None:
    """
    A mixed-up key file is found at the start, not by the first student.
    """
    listed = published(private_key("ES256"), alg="ES256")

    with pytest.raises(KeysUnusable, match="ES256 is not in SHULK_JWT_ALGORITHM"):
        world_with_keys(tmp_path, "RS256", listed).app()


async def test_keys_for_something_else_stand_beside(tmp_path: Path) -> None:
    """
    As Keycloak publishes them: one RSA key signs and another encrypts, and an ES256 key stands there too.
    """
    world = world_with_keys(
        tmp_path,
        "RS256",
        published(private_key("RS256", "two"), kid="e", use="enc", alg="RSA-OAEP"),
        published(private_key("RS256"), kid="s", use="sig", alg="RS256"),
        published(private_key("ES256"), kid="c", use="sig", alg="ES256"),
    )
    async with world.serve() as client:
        token = jwt.encode(
            world.claims(), private_key("RS256"), algorithm="RS256", headers={"kid": "s"}
        )
        assert (await client.get(HISTORY, headers=sent(token))).status_code == 200


async def test_a_token_signed_by_an_encryption_key_is_refused(tmp_path: Path) -> None:
    """
    Whoever holds the half that decrypts is not who signs.
    """
    world = world_with_keys(
        tmp_path,
        "RS256",
        published(private_key("RS256", "two"), kid="e", use="enc", alg=None, key_ops=None),
        published(private_key("RS256"), kid="s", use="sig"),
    )
    async with world.serve() as client:
        for headers in ({"kid": "e"}, {"kid": "s"}, {}):
            token = jwt.encode(
                world.claims(), private_key("RS256", "two"), algorithm="RS256", headers=headers
            )
            problem(await client.get(HISTORY, headers=sent(token)), 401, "not-signed-in")


async def test_two_algorithms_at_once(tmp_path: Path) -> None:
    """
    A platform that goes over from RS256 to ES256 signs by both for a while, each by its own key.
    """
    world = world_with_keys(
        tmp_path,
        "RS256,ES256",
        published(private_key("RS256"), kid="r"),
        published(private_key("ES256"), kid="e"),
    )
    async with world.serve() as client:
        for algorithm, kid in (("RS256", "r"), ("ES256", "e")):
            key = private_key(algorithm)
            token = jwt.encode(world.claims(), key, algorithm=algorithm, headers={"kid": kid})
            assert (await client.get(HISTORY, headers=sent(token))).status_code == 200


async def test_a_rotation_needs_no_restart(tmp_path: Path) -> None:
    """
    A key that is written into the file counts from then on, and one that was taken out does not.
    """
    world = world_with_keys(tmp_path, "ES256", published(private_key("ES256"), kid="old"))
    old, new = (
        jwt.encode(
            world.claims(), private_key("ES256", key), algorithm="ES256", headers={"kid": kid}
        )
        for kid, key in (("old", "one"), ("new", "two"))
    )
    async with world.serve() as client:
        assert (await client.get(HISTORY, headers=sent(old))).status_code == 200
        rotated = published(private_key("ES256", "two"), kid="new")
        (tmp_path / "jwks.json").write_bytes(key_set(rotated, "and this is no key"))
        assert (await client.get(HISTORY, headers=sent(new))).status_code == 200
        problem(await client.get(HISTORY, headers=sent(old)), 401, "not-signed-in")


async def test_a_token_lives_for_minutes(client: Client, world: HttpWorld) -> None:
    """
    Fifteen at most, counted from ``iat``, and from now without one.
    """
    now = world.clock.now()
    minute = timedelta(minutes=1)
    years = timedelta(days=36_500)
    cases: tuple[tuple[dict[str, Any], int], ...] = (
        ({"iat": now, "exp": now + 15 * minute}, 200),
        ({"iat": now, "exp": now + 16 * minute}, 401),
        ({"iat": now - minute, "exp": now + 15 * minute}, 401),
        ({"iat": None, "exp": now + 15 * minute}, 200),
        ({"iat": None, "exp": now + 16 * minute}, 401),
        ({"iat": None, "exp": now + years}, 401),
        ({"exp": now + years}, 401),
    )
    for changes, status in cases:
        answer = await client.get(HISTORY, headers=world.bearer(**changes))
        assert answer.status_code == status, changes


async def test_the_longest_life_is_a_setting() -> None:
    """
    A platform that cannot sign for minutes says how long.
    """
    world = HttpWorld(settings_with(jwt_lifetime_max_seconds="3600"))
    async with world.serve() as client:
        hour = world.bearer(exp=world.clock.now() + timedelta(hours=1))
        assert (await client.get(HISTORY, headers=hour)).status_code == 200


def test_an_empty_key_file_stops_the_start(tmp_path: Path) -> None:
    """
    No key at all would shut everybody out.
    """
    with pytest.raises(KeysUnusable, match="no key"):
        world_with_keys(tmp_path, "RS256").app()


def world_with_keys(folder: Path, algorithm: str, *keys: object) -> HttpWorld:
    """Return a world whose platform publishes *keys* in a file of *folder*."""
    path = folder / "jwks.json"
    path.write_bytes(key_set(*keys))
    return HttpWorld(settings_with(jwt_algorithm=algorithm, jwt_secret="", jwt_jwks_file=str(path)))


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
