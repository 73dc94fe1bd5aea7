"""The operator's commands against everything they can meet: well, unwell, and wrong."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.demo.jwt_keys import fresh_jwt_keys
from entrypoints.cli.demo.shutdown import Shutdown
from entrypoints.cli.demo.stack import Stack, Wanted, running_stack
from entrypoints.cli.embedded import embedded_postgres
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    wanted = Wanted(
        port=0,
        simulator_port=0,
        mailbox_port=0,
        postgres_version=16,
        session_lifetime_seconds=900,
    )
    folder = tmp_path_factory.mktemp("whole")
    with running_stack(folder, wanted, shutdown=Shutdown(), progress=lambda _: None) as stack:
        yield stack


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in VARIABLES:
        monkeypatch.delenv(each.name, raising=False)


def run(whole: Stack, *words: str, **changed: str) -> Result:
    return CliRunner().invoke(main, list(words), env={**whole.variables, **changed})


def test_a_healthy_whole_is_found_well(whole: Stack) -> None:
    """
    The doctor meets every dependency the way the service does.
    """
    shown = run(whole, "doctor")

    assert shown.exit_code == 0, shown.output
    assert "PostgreSQL 16." in shown.output
    assert "Valkey" in shown.output
    assert "configured by the environment" in shown.output
    assert "shulk_serving serves, and changes nothing of the audit log" in shown.output
    assert "✗" not in shown.output
    # What it says of each, without the mark and its name: nothing is said twice.
    said = [line.partition("  ")[2] for line in shown.output.splitlines()]
    assert len(said) > 10
    assert len(said) == len(set(said)), shown.output


def test_a_wrong_key_is_told_apart_from_a_silent_bank(whole: Stack) -> None:
    """
    Whoever mixed up two environments' keys is told so before the first student is.
    """
    shown = run(whole, "doctor", SHULK_API_KEY="of-another-environment")

    assert shown.exit_code == 1
    assert "SHULK_API_KEY" in shown.output
    assert "of-another-environment" not in shown.output


def test_the_simulated_bank_proves_a_key(whole: Stack) -> None:
    """
    It answers our key, refuses a spoilt one, and refuses a key of another environment.
    """
    works = run(whole, "gateway", "test-connection")
    refused = run(whole, "gateway", "test-connection", SHULK_API_KEY="of-another-environment")

    assert (works.exit_code, works.output) == (0, "version 0 works\n")
    assert refused.exit_code == 1
    assert "version 0 refused" in refused.output
    assert "of-another-environment" not in refused.output


def test_jwt_calls_are_tried_as_the_service_makes_them(whole: Stack, tmp_path: Path) -> None:
    """
    JWT mode is well with the keys that were agreed, and told apart from a stranger's; a file that is no
    key is named before anything is asked.
    """
    keys = whole.jwt_keys
    mode = {
        "SHULK_GATEWAY_AUTH": "jwt",
        "SHULK_GATEWAY_KEY_ID": keys.key_id,
        "SHULK_GATEWAY_PRIVATE_KEY_FILE": str(keys.merchant_private_key),
        "SHULK_GATEWAY_BANK_KEY_FILE": str(keys.bank_public_key),
    }
    other = fresh_jwt_keys(tmp_path)

    well = run(whole, "doctor", **mode)
    strange = run(
        whole,
        "doctor",
        **mode | {"SHULK_GATEWAY_PRIVATE_KEY_FILE": str(other.merchant_private_key)},
    )
    no_key = run(
        whole, "doctor", **mode | {"SHULK_GATEWAY_BANK_KEY_FILE": str(keys.merchant_private_key)}
    )

    assert well.exit_code == 0, well.output
    assert "jwt" in well.output
    assert strange.exit_code == 1
    assert "SHULK_GATEWAY_KEY_ID" in strange.output
    assert no_key.exit_code == 1
    assert "SHULK_GATEWAY_BANK_KEY_FILE" in no_key.output
    assert "PRIVATE" not in no_key.output.replace("SHULK_GATEWAY_PRIVATE_KEY_FILE", "")


def test_secrets_under_a_key_that_is_not_set_are_found(whole: Stack) -> None:
    """
    Whoever took a key away too early learns it from the doctor and not from a locked-out officer.
    """
    kept = whole.variables["SHULK_CIPHER_KEYS"]
    other = f"other:{b64encode(bytes(range(32))).decode()}"

    lost = run(whole, "doctor", SHULK_CIPHER_KEYS=other)
    both = run(whole, "doctor", SHULK_CIPHER_KEYS=f"{other},{kept}")

    assert lost.exit_code == 1
    assert "encrypted under keys that are not set: demo" in lost.output
    assert both.exit_code == 0
    assert "some lie under demo; run: shulk secrets rotate" in both.output
    assert "encrypted under demo" in run(whole, "doctor").output


def test_a_bare_database_is_brought_up_to_date(whole: Stack, tmp_path: Path) -> None:
    """
    The doctor names what is missing, and its advice works.
    """
    with embedded_postgres(tmp_path, version=16) as url:
        before = run(whole, "doctor", SHULK_DATABASE_URL=url)
        checked = run(whole, "migrate", "--check", SHULK_DATABASE_URL=url)
        migrated = run(whole, "migrate", SHULK_DATABASE_URL=url)
        after = run(whole, "migrate", "--check", SHULK_DATABASE_URL=url)

    assert before.exit_code == 1
    assert "shulk migrate" in before.output
    assert checked.exit_code == 1
    assert migrated.exit_code == 0
    assert after.exit_code == 0


@pytest.mark.parametrize(
    ("what", "good", "bad"),
    [
        (
            "courses",
            {
                "id": "yoga",
                "title": "Yoga",
                "list_price": "100.00",
                "price_mode": "inclusive",
                "sac": "999293",
                "gst_rate": "18",
            },
            {"list_price": "1.005"},
        ),
        (
            "discounts",
            {"code": "MORNING", "kind": "flat", "amount": "10.00"},
            {"amount": "-1.00"},
        ),
    ],
)
def test_a_file_is_taken_whole_or_not_at_all(
    whole: Stack, tmp_path: Path, what: str, good: dict[str, str], bad: dict[str, str]
) -> None:
    """
    One mistake, and it is named and nothing is written.
    """
    file = tmp_path / f"{what}.json"
    file.write_text(json.dumps([good, good | bad]), encoding="utf-8")
    refused = run(whole, what, "import", str(file))
    file.write_text(json.dumps([good]), encoding="utf-8")
    taken = run(whole, what, "import", str(file))

    assert refused.exit_code == 1
    assert "nothing was imported" in refused.output
    assert next(iter(bad)) in refused.output
    assert taken.exit_code == 0
    assert f"1 {what} imported" in taken.output


def test_the_books_of_a_healthy_whole_are_in_order(whole: Stack) -> None:
    """
    Every invariant is asked of the real database, and an operator reads that all hold.
    """
    shown = run(whole, "invariants")
    told = json.loads(run(whole, "invariants", "--json").output)

    assert shown.exit_code == 0, shown.output
    assert f"all {len(told['checked'])} invariants hold" in shown.output
    assert told["broken"] == []
    assert "paid_without_enrolment" in told["checked"]


def test_what_an_invariant_means_can_be_read_without_a_breach(whole: Stack) -> None:
    """
    Each is listed with what it means and what to do.
    """
    shown = run(whole, "invariants", "--list")

    assert shown.exit_code == 0, shown.output
    assert "paid_without_enrolment" in shown.output
    assert shown.output.count("what to do:") == len(
        json.loads(run(whole, "invariants", "--json").output)["checked"]
    )
