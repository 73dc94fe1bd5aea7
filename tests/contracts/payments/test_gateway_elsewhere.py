"""The gateway contract outside this house: on an adapter of somebody's own, and on the bank's test account."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth
from contracts.payments.gateway_simulator import jwt_options, running_simulator
from contracts.payments.uat_account import account_in
from entrypoints.operations.gateway_contract.named_gateway import VARIABLE, named_gateway
from samples.hdfc.jwe import KEY_ID, key_files

ROOT = Path(__file__).parents[3]
EXAMPLE = "entrypoints.operations.gateway_contract.example_gateway"
ENDS_WITHIN_SECONDS = 300
NOTHING_WAS_RUN = 2
ACCOUNT = {
    "UAT_GATEWAY_URL": "https://smartgateway.hdfcuat.bank.in",
    "UAT_MERCHANT_ID": "SIMMERCHANT",
    "UAT_PAYMENT_PAGE_CLIENT_ID": "hdfcmaster",
    "UAT_RESPONSE_KEY": "made-up",
    "UAT_RETURN_URL": "https://pay.example.com/back",
}

pytestmark = pytest.mark.timeout(ENDS_WITHIN_SECONDS)


def jwt_settings(folder: Path) -> dict[str, str]:
    return {
        "UAT_KEY_ID": KEY_ID,
        "UAT_PRIVATE_KEY_FILE": str(folder / "merchant-private.pem"),
        "UAT_BANK_KEY_FILE": str(folder / "bank-public.pem"),
    }


def run(file: str, *words: str, **environ: str) -> tuple[int, str]:
    """Run pytest as the documentation says and return its code and what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UAT_")}
    command = [sys.executable, "-m", "pytest", "--noconftest", "-p", "no:cacheprovider"]
    # To read these two takes longer than all the tests that are run, and none of them needs either.
    command += ["-p", "no:schemathesis", "-p", "no:randomly"]
    ended = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [*command, "-q", f"tests/contracts/payments/{file}", *words],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": "tests"} | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_SECONDS,
    )
    return ended.returncode, ended.stdout + ended.stderr


def check(name: str, *words: str) -> tuple[int, str]:
    """Run ``shulk gateway check`` as whoever wrote an adapter would, from a folder of their own."""
    ended = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-m", "entrypoints.cli.main", "gateway", "check", name, *words],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_SECONDS,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_an_adapter_of_ones_own_is_held_to_the_port() -> None:
    """
    Named on the command line, from a module anywhere on the path; every promise is asked of it.
    """
    code, said = check(f"{EXAMPLE}:open_gateway")

    assert code == 0, said
    assert " passed" in said
    assert "skipped" not in said


def test_an_adapter_that_boasts_is_found_out() -> None:
    """
    It calls a declined payment a sale; the suite would be worth nothing if that passed.
    """
    code, said = check(f"{EXAMPLE}:open_boastful_gateway", "-k", "what_the_payer_did")

    assert code == 1, said
    assert " failed" in said
    # The values that broke the promise are shown, not a bare assertion.
    assert "CHARGED" in said


def test_without_an_account_nothing_passes() -> None:
    """
    Whoever forgot the variables does not walk away with a green line.
    """
    code, said = run("uat_gateway.py")

    assert code == NOTHING_WAS_RUN, said
    assert "nothing was run: set UAT_GATEWAY_URL, UAT_MERCHANT_ID" in said
    assert "passed" not in said


def test_the_account_is_asked_all_that_needs_no_payer(tmp_path: Path) -> None:
    """
    The simulator in UAT's place.
    """
    with running_simulator(tmp_path, *jwt_options(tmp_path)) as running:
        account = ACCOUNT | {"UAT_GATEWAY_URL": running.url}

        code, said = run("uat_gateway.py", **account, **jwt_settings(tmp_path))

    assert code == 0, said
    assert "7 passed" in said


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "set UAT_GATEWAY_URL, UAT_MERCHANT_ID, UAT_PAYMENT_PAGE_CLIENT_ID"),
        (ACCOUNT, "set UAT_API_KEY (or, for JWT mode, UAT_KEY_ID"),
        (ACCOUNT | {"UAT_KEY_ID": "key_1"}, "set UAT_PRIVATE_KEY_FILE, UAT_BANK_KEY_FILE"),
        (
            ACCOUNT | {"UAT_API_KEY": "A", "UAT_GATEWAY_URL": "https://smartgateway.hdfcbank.com"},
            "smartgateway.hdfcbank.com takes real money",
        ),
    ],
)
def test_what_is_missing_for_an_account_is_named(environ: dict[str, str], says: str) -> None:
    """
    The mode that was begun is the one that is completed; production is no test account.
    """
    with pytest.raises(pytest.exit.Exception) as ended:
        account_in(environ)

    assert ended.value.returncode == NOTHING_WAS_RUN
    assert f"nothing was run: {says}" in str(ended.value)


def test_an_account_has_either_mode(tmp_path: Path) -> None:
    """
    Beside each merchant stands an unknown merchant whose keys nobody knows.
    """
    key_files(tmp_path)
    by_key = account_in(ACCOUNT | {"UAT_API_KEY": "made-up"})
    by_jwt = account_in(ACCOUNT | jwt_settings(tmp_path))

    assert by_key.known.auth == ApiKeyAuth(key="made-up")
    assert isinstance(by_key.unknown.auth, ApiKeyAuth)
    assert isinstance(by_jwt.known.auth, JwtAuth)
    assert isinstance(by_jwt.unknown.auth, JwtAuth)
    for account in (by_key, by_jwt):
        assert account.known.auth != account.unknown.auth
        assert account.known.merchant_id == account.unknown.merchant_id == "SIMMERCHANT"


@pytest.mark.parametrize("named", ["", EXAMPLE, f"{EXAMPLE}:nobody", "no.module:x"])
def test_a_gateway_that_is_not_there_is_told(named: str) -> None:
    with pytest.raises(pytest.exit.Exception, match="nothing was run") as ended:
        named_gateway({VARIABLE: named})

    assert ended.value.returncode == NOTHING_WAS_RUN
