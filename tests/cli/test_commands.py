"""The commands of ``shulk``: they say what is wrong, and end with a code that tells."""

import socket
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner

from entrypoints.cli import doctor
from entrypoints.cli.main import main
from entrypoints.operations.audit import make_key
from entrypoints.settings.settings import VARIABLES, load_settings

EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
COMMANDS = (
    *("demo", "serve", "worker", "scheduler", "simulator", "migrate", "doctor", "token"),
    *(
        "courses",
        "discounts",
        "staff",
        "secrets",
        "invariants",
        "gst",
        "email",
        "dead-letters",
        "docs",
    ),
)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in VARIABLES:
        monkeypatch.delenv(each.name, raising=False)


def test_help_names_every_command() -> None:
    """
    Whoever types ``shulk`` sees what there is.
    """
    shown = CliRunner().invoke(main, ["--help"])

    assert shown.exit_code == 0
    assert [each for each in COMMANDS if each not in shown.output] == []


@pytest.mark.parametrize(
    "command",
    [["serve"], ["worker"], ["scheduler"], ["migrate"], ["doctor"], ["courses", "import", "FILE"]],
)
def test_missing_settings_are_all_named(command: list[str], tmp_path: Path) -> None:
    """
    A process without settings ends at once and says which it needs.
    """
    file = tmp_path / "courses.json"
    file.write_text("[]", encoding="utf-8")
    words = [str(file) if word == "FILE" else word for word in command]

    shown = CliRunner().invoke(main, words, env={})

    assert shown.exit_code == 1
    needed = [each.name for each in VARIABLES if each.needed]
    assert [name for name in needed if name not in shown.output] == []


def test_a_token_carries_what_was_asked_for() -> None:
    """
    The API is tried by hand with the claims the platform would sign.
    """
    words = ["token", "--student", "asha", "--name", "Asha", "--email", "asha@example.com"]

    shown = CliRunner().invoke(
        main, [*words, "--roles", "finance", "--roles", "support", "--expires", "60"], env=EXAMPLE
    )

    claims = jwt.decode(
        shown.stdout.strip(),
        EXAMPLE["SHULK_JWT_SECRET"],
        algorithms=["HS256"],
        audience=EXAMPLE["SHULK_JWT_AUDIENCE"],
        issuer=EXAMPLE["SHULK_JWT_ISSUER"],
    )
    assert claims["sub"] == "asha"
    assert claims["roles"] == ["finance", "support"]
    assert claims["exp"] - claims["iat"] == 60


def test_a_token_is_inspected_in_plain_words(tmp_path: Path) -> None:
    """
    A good one passes, from a file or piped in; a bad one fails with what is wrong, and shows no signature.
    """
    words = ["token", "sign", "--student", "asha", "--name", "Asha", "--email", "asha@example.com"]
    good = CliRunner().invoke(main, words, env=EXAMPLE).stdout.strip()
    file = tmp_path / "token"
    file.write_text(good[:-4] + "AAAA", encoding="utf-8")

    piped = CliRunner().invoke(main, ["token", "inspect"], input=f"Bearer {good}", env=EXAMPLE)
    spoilt = CliRunner().invoke(main, ["token", "inspect", str(file)], env=EXAMPLE)

    assert (piped.exit_code, spoilt.exit_code) == (0, 1)
    assert piped.stdout.endswith("accepted\n")
    assert "signature does not fit" in spoilt.stdout
    assert good.rpartition(".")[2][:20] not in spoilt.stdout + piped.stdout


def test_no_token_is_signed_that_would_be_refused() -> None:
    """
    One that lives longer than the settings allow is not made.
    """
    words = ["token", "--student", "asha", "--name", "Asha", "--email", "asha@example.com"]

    shown = CliRunner().invoke(main, [*words, "--expires", "3600"], env=EXAMPLE)

    assert shown.exit_code == 1
    assert "SHULK_JWT_LIFETIME_MAX_SECONDS" in shown.output


def test_no_token_is_made_with_a_key_we_have_not(tmp_path: Path) -> None:
    """
    With the platform's public keys nothing can be signed here.
    """
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}', encoding="utf-8")
    environ = EXAMPLE | {
        "SHULK_JWT_ALGORITHM": "RS256",
        "SHULK_JWT_SECRET": "",
        "SHULK_JWT_JWKS_FILE": str(keys),
    }
    words = ["token", "--student", "asha", "--name", "Asha", "--email", "asha@example.com"]

    shown = CliRunner().invoke(main, words, env=environ)

    assert shown.exit_code == 1
    assert "private key" in shown.output


def test_a_taken_port_is_not_shared() -> None:
    """
    The server would share it with whoever has it, and each would get half the calls.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = CliRunner().invoke(main, ["serve"], env=EXAMPLE | {"SHULK_PORT": str(port)})

    assert shown.exit_code == 1
    assert f"port {port} is taken" in shown.output


def test_json_is_for_once_only() -> None:
    """
    A demo that goes on has no one report.
    """
    assert CliRunner().invoke(main, ["demo", "--json"]).exit_code == 2


async def test_the_doctor_finds_everything_unwell_and_tells_no_password(tmp_path: Path) -> None:
    """
    Each dependency gets advice of its own; a driver's words could hold the whole address.
    """
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings = load_settings(
        EXAMPLE
        | {
            "SHULK_DATABASE_URL": f"postgresql://shulk:Tm8rBq2d@127.0.0.1:{port}/shulk",
            "SHULK_REDIS_URL": f"redis://:Tm8rBq2d@127.0.0.1:{port}/0",
            "SHULK_SMTP_URL": f"smtp://asha:Tm8rBq2d@127.0.0.1:{port}",
            "SHULK_GATEWAY_URL": f"http://127.0.0.1:{port}",
            "SHULK_FILES_FOLDER": str(tmp_path),
        }
    )

    findings = {each.what: each for each in await doctor.examine(settings)}

    unwell = {what for what, finding in findings.items() if not finding.well}
    assert unwell >= {"database", "redis", "mail", "gateway", "audit"}
    assert "shulk audit key" in findings["audit"].says
    assert findings["tokens"].well
    assert not [each for each in findings.values() if "Tm8rBq2d" in each.says]


async def test_the_doctor_says_when_others_may_read_the_key_of_the_audit_log(
    tmp_path: Path,
) -> None:
    """
    A key that is its owner's alone is named by its public half.
    """
    file = tmp_path / "audit.key"
    public = make_key("shulk.example/audit", file)
    settings = load_settings(EXAMPLE | {"SHULK_AUDIT_KEY_FILE": str(file)})

    assert await doctor._audit(settings) == f"sealed by {public}"
    file.chmod(0o640)
    with pytest.raises(doctor.Unwell, match="chmod 600"):
        await doctor._audit(settings)


def test_valkey_is_known_by_its_own_name() -> None:
    """
    It answers with a Redis version, too, which is not what runs.
    """
    both = {"redis_version": "7.2.4", "valkey_version": "9.1.2"}

    assert doctor.server_name(both) == "Valkey 9.1.2"
    assert doctor.server_name({"redis_version": "7.4.0"}) == "Redis 7.4.0"
