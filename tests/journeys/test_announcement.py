"""Whoever writes a client against the demo finds in one file what they need, in the shape that was promised."""

import json
from base64 import b32decode
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from samples.hdfc.jwe import JweRecipe
from worlds.processes.api_clients import Api
from worlds.processes.demo import Demonstration
from worlds.processes.process_world import known


def test_it_says_what_was_promised(told: dict[str, Any]) -> None:
    """
    Every member is there, none besides, and each is of its kind.
    """
    assert {name: type(value) for name, value in told.items()} == {
        **dict.fromkeys(
            ("api", "gateway", "simulator", "mailbox", "platform", "database_url", "server_key"),
            str,
        ),
        **dict.fromkeys(("students", "staff", "courses", "discount_codes"), list),
        **dict.fromkeys(("merchant", "webhook", "token"), dict),
    }
    for address in ("api", "simulator", "mailbox", "platform"):
        assert told[address] == str(httpx.URL(told[address])).rstrip("/")
    assert (len(told["students"]) >= 6, len(told["staff"]) >= 3) == (True, True)
    for person in (*told["students"], *told["staff"]):
        assert set(person) >= {"id", "name", "email", "roles", "token"}
        assert person["email"].endswith("@example.com")
    assert all(len(each) == 5 for each in told["students"])
    for person in told["staff"]:
        assert set(person) == {"id", "name", "email", "roles", "token", "totp_secret"}
        assert len(b32decode(person["totp_secret"])) == 20
    assert sum("finance" in each["roles"] for each in told["staff"]) >= 2
    assert all(each["roles"] == ["student"] for each in told["students"])
    assert not any("student" in each["roles"] for each in told["staff"])
    assert len(told["courses"]) >= 6
    for course in told["courses"]:
        assert set(course) == {"id", "title", "list_price", "price_mode", "sac", "gst_rate"}
        assert str(Decimal(course["list_price"]).quantize(Decimal("0.01"))) == course["list_price"]
        assert course["price_mode"] in {"inclusive", "exclusive"}
    assert all(isinstance(code, str) for code in told["discount_codes"])
    assert set(told["merchant"]) == {
        *("id", "api_key", "response_key"),
        *("jwt_key_id", "jwt_private_key", "jwt_public_key", "jwt_bank_public_key"),
    }
    assert set(told["webhook"]) == {"url", "user", "password"}
    assert told["webhook"]["url"] == f"{told['api']}/api/payment/webhook"


def test_its_keys_open_the_sealed_doors_of_the_bank(demo: Demonstration) -> None:
    """
    The merchant's private half is its owner's alone, and the simulator takes what it signed.
    """
    merchant = demo.told["merchant"]
    private = Path(merchant["jwt_private_key"])
    assert private.stat().st_mode & 0o077 == 0
    ours = load_pem_private_key(private.read_bytes(), password=None)
    theirs = load_pem_public_key(Path(merchant["jwt_bank_public_key"]).read_bytes())
    assert isinstance(ours, RSAPrivateKey)
    assert isinstance(theirs, RSAPublicKey)
    recipe = JweRecipe(kid=merchant["jwt_key_id"], inner_kid=merchant["jwt_key_id"])

    answer = httpx.post(
        f"{demo.told['simulator']}/v4/order-status",
        json=recipe.sign_and_encrypt(b'{"order_id":"NOBODYEVEROPENEDIT"}', ours, theirs),
        headers={"x-merchantid": merchant["id"]},
        trust_env=False,
        timeout=30,
    )

    assert (answer.status_code, answer.json()["error_code"]) == (404, "order_not_found")


def test_only_its_owner_reads_it(demo: Demonstration) -> None:
    """
    It holds keys and tokens, so it is nobody else's to read; and it is whole JSON.
    """
    file = demo.folder.parent / "announced.json"

    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_bytes()) == demo.told


@pytest.mark.parametrize("role", ["students", "staff"])
async def test_every_token_opens_a_door(told: dict[str, Any], role: str) -> None:
    """
    Students see their history, staff have none; nobody's token is refused as such.
    """
    expected = 200 if role == "students" else 403
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as http:
        answers = [
            await Api(http, told["api"], known(each)).ask("GET", "/api/payment/history")
            for each in told[role]
        ]

    assert {each.status_code for each in answers} == {expected}


async def test_every_course_and_code_is_known(told: dict[str, Any]) -> None:
    """
    What is announced can be quoted, and a code that is announced is never an unknown one.
    """
    student = known(told["students"][0])
    billing = {"name": student.name, "state_code": "29", "address": "1 Lake Road, Mysuru"}
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as http:
        api = Api(http, told["api"], student)
        for course in told["courses"]:
            body = {"course_id": course["id"], "billing": billing}
            answer = await api.ask("POST", "/api/payment/quote", json=body)
            assert answer.status_code == 200, answer.text
            quote = answer.json()
            assert quote["title"] == course["title"]
            assert quote["breakdown"]["list_price"] == course["list_price"]
            assert quote["price_mode"] == course["price_mode"]
            assert Decimal(quote["gst_rate"]) == Decimal(course["gst_rate"])
        for code in told["discount_codes"]:
            body = {"course_id": "tabla-weekend", "billing": billing, "discount_code": code}
            answer = await api.ask("POST", "/api/payment/quote", json=body)
            assert answer.json().get("reason") != "unknown"


async def test_the_database_opens_to_a_plain_client(told: dict[str, Any]) -> None:
    """
    The address is one that any PostgreSQL client takes.
    """
    connection = await asyncpg.connect(told["database_url"])
    try:
        assert await connection.fetchval("SELECT count(*) FROM course") >= len(told["courses"])
    finally:
        await connection.close()
