"""Settings that were renamed: whoever has the former name in place is warned, and not stopped."""

import json
import logging

import pytest
from click.testing import CliRunner

from entrypoints.cli.command_settings import settings_of_a_process
from entrypoints.cli.main import main
from entrypoints.operations.email_preview import settings_for_preview
from entrypoints.settings.former_names import FORMER_NAMES, former_names_in
from entrypoints.settings.page import env_example, settings_page
from entrypoints.settings.settings import NAMES, SettingsWrong, load_settings
from worlds.settings import variables_with


@pytest.mark.parametrize("old", FORMER_NAMES)
def test_a_former_name_works(old: str) -> None:
    """
    The value is taken as if it stood under the present name, by the preview of emails too.
    """
    field = FORMER_NAMES[old].removeprefix("SHULK_").lower()
    environ = variables_with() | {old: "7"}

    assert getattr(load_settings(environ), field) == 7
    assert getattr(settings_for_preview(environ), field) == 7


def test_a_command_warns_of_a_former_name() -> None:
    """
    On standard error, so that a program which reads the output is not disturbed.
    """
    words = ["token", "--student", "asha", "--name", "Asha", "--email", "asha@example.com"]
    environ = variables_with() | {"SHULK_REFUND_LOOK_SECONDS": "60"}

    shown = CliRunner().invoke(main, words, env=environ)

    assert shown.exit_code == 0
    assert "SHULK_REFUND_LOOK_SECONDS is called SHULK_REFUND_POLL_SECONDS now" in shown.stderr
    assert "SHULK" not in shown.stdout


def test_a_process_logs_a_former_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    As JSON, where whoever watches the processes finds it.
    """
    for name, value in (variables_with() | {"SHULK_REFUND_LOOK_SECONDS": "60"}).items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        settings_of_a_process()
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        logging.captureWarnings(capture=False)

    [line] = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert (line["event"], line["level"]) == ("setting.renamed", "warning")
    assert line["field"] == "SHULK_REFUND_LOOK_SECONDS"


@pytest.mark.parametrize("old", FORMER_NAMES)
def test_both_names_together_are_a_mistake(old: str) -> None:
    """
    Even with one value: nobody can say which was meant to stay.
    """
    with pytest.raises(SettingsWrong) as refusal:
        load_settings(variables_with() | {old: "7", FORMER_NAMES[old]: "7"})

    [wrong] = refusal.value.wrong
    assert str(wrong) == (
        f"{old}: is the former name of {FORMER_NAMES[old]}, which is set too; remove it"
    )


def test_a_wrong_value_is_told_under_the_present_name() -> None:
    """
    The warning names the former one.
    """
    with pytest.raises(SettingsWrong) as refusal:
        load_settings(variables_with() | {"SHULK_REFUND_LOOK_SECONDS": "soon"})

    [wrong] = refusal.value.wrong
    assert wrong.name == "SHULK_REFUND_POLL_SECONDS"


def test_an_empty_former_name_is_not_set() -> None:
    """
    As everywhere in the environment.
    """
    environ = variables_with() | dict.fromkeys(FORMER_NAMES, "")

    assert load_settings(environ) == load_settings(variables_with())
    assert not former_names_in(environ)


def test_only_present_names_are_written_for_whoever_starts() -> None:
    """
    The page lists the former ones; the example has none.
    """
    assert set(FORMER_NAMES.values()) <= NAMES
    assert not NAMES & FORMER_NAMES.keys()
    assert not [old for old in FORMER_NAMES if f"{old}=" in env_example()]
    assert not [old for old in FORMER_NAMES if f"`{old}`" not in settings_page()]
