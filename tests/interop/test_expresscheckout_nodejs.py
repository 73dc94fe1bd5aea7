"""A SmartGateway client written by others, unmodified, takes the simulator for the gateway."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.hdfc.auth.jose import JweKeys, sign_and_encrypt
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.jwe import JweKeys as SimulatorJweKeys
from entrypoints.simulator.orders.instruments import Upi
from entrypoints.simulator.refund_script import RefundScript
from entrypoints.simulator.serving import Served, serving
from samples.hdfc.jwe import KEY_ID, key_files, pair

HERE = Path(__file__).parent
GATEWAY_NAME = "smartgateway.test"
INSTALLED_WITHIN_SECONDS = 110
ANSWERS_WITHIN_SECONDS = 30
SESSION = {
    "order_id": "ORD20260731A1B2C3D4",
    "amount": "1499.50",
    "currency": "INR",
    "customer_id": "cust0001",
    "payment_page_client_id": "hdfcmaster",
    "action": "paymentPage",
    "return_url": "https://pay.example.com/hdfc/return",
}

Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="module")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client as its lock file names it, installed outside the tree."""
    folder = tmp_path_factory.mktemp("client")
    for name in ("package.json", "package-lock.json", "client.js"):
        shutil.copy(HERE / name, folder)
    npm = shutil.which("npm")
    assert npm is not None, "this test needs node and npm"
    subprocess.run(  # noqa: S603 - npm and words of our own
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=INSTALLED_WITHIN_SECONDS,
    )
    return folder


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the gateway's name and its key, good for an hour."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, GATEWAY_NAME)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(GATEWAY_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "gateway.pem", folder / "gateway.key"
    certificate_path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return key_files(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def served(certificate: tuple[Path, Path]) -> AsyncGenerator[Served]:
    jwe_keys = SimulatorJweKeys(
        key_id=KEY_ID, merchant=pair("merchant").public_key(), bank=pair("bank")
    )
    config = SimulatorConfig(
        jwe_keys=jwe_keys, refund_script=RefundScript(seconds=0, arn_seconds=0)
    )
    public_url = f"https://{GATEWAY_NAME}"
    async with serving(config, public_url=public_url, tls=certificate) as running:
        yield running


@pytest.fixture
def call(client_folder: Path, certificate: tuple[Path, Path], served: Served) -> Call:
    """Run the client's script in a process of its own and return what it printed."""

    async def call(*words: str, **environ: str) -> dict[str, Any]:
        node = shutil.which("node")
        assert node is not None
        process = await asyncio.create_subprocess_exec(
            node,
            "client.js",
            *words,
            cwd=client_folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "NODE_ENV": "production",
                "NODE_EXTRA_CA_CERTS": str(certificate[0]),
                "GATEWAY_NAME": GATEWAY_NAME,
                "SIMULATOR_PORT": str(httpx.URL(served.url).port),
                "MERCHANT_ID": "SIMMERCHANT",
                "API_KEY": "sim_key",
                **environ,
            },
        )
        said, complained = await asyncio.wait_for(process.communicate(), ANSWERS_WITHIN_SECONDS)
        assert process.returncode == 0, complained.decode()
        return msgspec.json.decode(said, type=dict[str, Any])

    return call


@pytest.fixture(params=["api-key", "jwt"])
def client(request: pytest.FixtureRequest, call: Call, keys: dict[str, Path]) -> Call:
    """The client with its API key, and the client that signs and encrypts."""
    return (
        call if request.param == "api-key" else partial(call, **jwt_mode(keys, "merchant", "bank"))
    )


def jwt_mode(keys: dict[str, Path], ours: str, theirs: str) -> dict[str, str]:
    return {
        "KEY_ID": KEY_ID,
        "PRIVATE_KEY_FILE": str(keys[f"{ours}_private"]),
        "PUBLIC_KEY_FILE": str(keys[f"{theirs}_public"]),
    }


def as_text(body: dict[str, str]) -> str:
    return msgspec.json.encode(body).decode()


async def test_session_status_and_refund(client: Call, served: Served) -> None:
    """
    From NEW to CHARGED to refunded, with everything verified by the client's own TLS, JOSE and parsing.
    """
    created = await client("create", as_text(SESSION))
    assert created["status"] == 200
    session = created["answer"]
    assert session["order_id"] == SESSION["order_id"]
    assert session["payment_links"]["web"] == (
        f"https://{GATEWAY_NAME}/orders/{session['id']}/payment-page"
    )
    assert session["sdk_payload"]["payload"]["amount"] == "1499.50"

    fresh = await client("status", SESSION["order_id"])
    assert fresh["status"] == 200
    assert (fresh["answer"]["status"], fresh["answer"]["amount"]) == ("NEW", 1499.5)

    order = served.bank.orders.by_order_id(SESSION["order_id"])
    assert order is not None
    served.bank.payer.pay(order, Upi("success@upi"))

    paid = (await client("status", SESSION["order_id"]))["answer"]
    assert (paid["status"], paid["status_id"]) == ("CHARGED", 21)
    assert paid["id"] == session["id"]
    assert paid["txn_id"] == f"SIMMERCHANT-{SESSION['order_id']}-1"

    wanted = as_text({"unique_request_id": "RF20260801A1", "amount": "500.00"})
    refunded = await client("refund", SESSION["order_id"], wanted)
    assert refunded["status"] == 200
    (entry,) = refunded["answer"]["refunds"]
    assert (entry["unique_request_id"], entry["amount"]) == ("RF20260801A1", 500)
    assert (entry["status"], refunded["answer"]["amount_refunded"]) == ("PENDING", 500)

    twice = await client("refund", SESSION["order_id"], wanted)
    assert (twice["failed"], twice["error_code"]) == ("InvalidRequestError", "duplicate.call")


async def test_it_understands_the_refusals(client: Call) -> None:
    """
    The client sorts each documented error into its own class and reads code and fields from it.
    """
    long = SESSION | {"order_id": "ORD20260731A1B2C3D4XX"}

    refused = await client("create", as_text(long))
    unknown = await client("status", "NOBODY")

    assert refused["failed"] == "InvalidRequestError"
    assert [field["field_name"] for field in refused["fields"]] == ["order_id"]
    assert (unknown["failed"], unknown["error_code"]) == ("InvalidRequestError", "order_not_found")


async def test_a_strangers_client_is_told_so(call: Call, keys: dict[str, Path]) -> None:
    """
    A wrong API key, and a request signed with a key that the gateway does not know.
    """
    wrong_key = await call("create", as_text(SESSION), API_KEY="wrong")
    wrong_signature = await call("create", as_text(SESSION), **jwt_mode(keys, "bank", "bank"))

    for stranger in (wrong_key, wrong_signature):
        assert stranger["failed"] == "AuthenticationError"
        assert stranger["error_code"] == "access_denied"


async def test_it_opens_what_our_adapter_seals(call: Call, keys: dict[str, Path]) -> None:
    """
    Their code in the bank's place, with the bank's keys: two strangers agree on every byte.
    """
    ours = JweKeys(key_id=KEY_ID, private_key=pair("merchant"), bank_key=pair("bank").public_key())
    jwe = as_text(sign_and_encrypt(as_text(SESSION).encode(), ours))

    read = await call("open", jwe, **jwt_mode(keys, "bank", "merchant"))

    assert read["answer"] == SESSION
