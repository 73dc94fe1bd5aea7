"""Only a token of the platform is accepted: each way it can be wrong has the same answer."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from worlds.processes.api_clients import ProcessWorld, problem
from worlds.processes.deployment import Deployment

Forge = Callable[[Deployment], str]
HISTORY = "/api/payment/history"


def part(value: dict[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(deployment: Deployment) -> str:
    _, claims, _ = deployment.token().split(".")
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def tampered(deployment: Deployment) -> str:
    header, _, seal = deployment.token().split(".")
    _, claims, _ = deployment.token(roles=["admin"]).split(".")
    return f"{header}.{claims}.{seal}"


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


def key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


FORGERIES: dict[str, Forge] = {
    "expired": lambda deployment: deployment.token(exp=ago(minutes=1)),
    "without an end": lambda deployment: deployment.token(exp=None),
    "not valid yet": lambda deployment: deployment.token(nbf=ago(hours=-1)),
    "for another audience": lambda deployment: deployment.token(aud="another-service"),
    "without an audience": lambda deployment: deployment.token(aud=None),
    "of another issuer": lambda deployment: deployment.token(iss="https://elsewhere.example.com"),
    "without an issuer": lambda deployment: deployment.token(iss=None),
    "of nobody": lambda deployment: deployment.token(sub=None),
    "of an unusable subject": lambda deployment: deployment.token(sub="asha\nadmin"),
    "signed by somebody else": lambda deployment: deployment.token(key="k" * 64),
    "by another algorithm": lambda deployment: deployment.token(algorithm="HS512"),
    "unsigned": unsigned,
    "tampered with": tampered,
    "no token at all": lambda _: "asha",
    "endless": lambda deployment: deployment.token(filler="x" * 9000),
}


@pytest.mark.parametrize("how", sorted(FORGERIES))
async def test_a_wrong_token_is_refused(
    deployment: Deployment, own_world: ProcessWorld, how: str
) -> None:
    """
    401, told as a problem, without a word about what was wrong with it.
    """
    token = FORGERIES[how](deployment)

    answer = await own_world.http.get(
        f"{deployment.api}{HISTORY}", headers={"Authorization": f"Bearer {token}"}
    )

    told = problem(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(told) == {"type", "title", "status", "detail", "request_id"}


async def test_a_token_signed_by_a_private_key_is_not_taken_for_a_shared_one(
    deployment: Deployment, own_world: ProcessWorld
) -> None:
    """
    The algorithm is the settings' choice and never the token's.
    """
    forged = deployment.token(key=key_pair(), algorithm="RS256")  # type: ignore[arg-type]  # any key signs

    answer = await own_world.http.get(
        f"{deployment.api}{HISTORY}", headers={"Authorization": f"Bearer {forged}"}
    )

    problem(answer, 401, "not-signed-in")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/payment/quote"),
        ("POST", "/api/payment/initiate"),
        ("GET", "/api/payment/status/SKNOBODYKNOWSTHIS222"),
        ("GET", HISTORY),
        ("PUT", "/api/admin/courses/x"),
        ("PUT", "/api/admin/discounts/X"),
    ],
)
async def test_without_a_token_nothing_opens(
    own_world: ProcessWorld, method: str, path: str, headers: dict[str, str]
) -> None:
    """
    Every route of the API requires a token.
    """
    content = None if method == "GET" else "{}"
    told = headers | {"Content-Type": "application/json"}

    answer = await own_world.http.request(
        method, f"{own_world.api}{path}", headers=told, content=content
    )

    problem(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_right_token_opens(deployment: Deployment, own_world: ProcessWorld) -> None:
    """
    The forgeries above differ from this one in one thing each.
    """
    answer: httpx.Response = await own_world.http.get(
        f"{deployment.api}{HISTORY}", headers={"Authorization": f"Bearer {deployment.token()}"}
    )

    assert answer.status_code == 200


async def test_paying_needs_a_name_and_an_address_for_the_letter(
    deployment: Deployment, own_world: ProcessWorld
) -> None:
    """
    A token without them is known, and yet cannot buy.
    """
    course = await own_world.course()
    nameless = own_world.of(deployment.person(name="", email=""))

    told = problem(
        await nameless.initiate(course, billing={"name": "Asha"}), 403, "profile-incomplete"
    )

    assert [each["field"] for each in told["errors"]] == ["name", "email"]
