"""Settings that were renamed: whoever has the former name in place is warned, and not stopped."""

import logging

import pytest

from entrypoints.settings.former_names import FORMER_NAMES
from entrypoints.settings.page import env_example, settings_page
from entrypoints.settings.settings import NAMES, SettingsWrong, load_settings
from worlds.http import variables_with


@pytest.mark.parametrize("old", FORMER_NAMES)
def test_a_former_name_works_and_warns(old: str, caplog: pytest.LogCaptureFixture) -> None:
    """
    The value is taken as if it stood under the present name.
    """
    new = FORMER_NAMES[old]
    with caplog.at_level(logging.WARNING):
        settings = load_settings(variables_with() | {old: "7"})

    assert getattr(settings, new.removeprefix("SHULK_").lower()) == 7
    assert [
        (each.getMessage(), each.__dict__["field"], each.__dict__["reason"])
        for each in caplog.records
    ] == [
        ("setting.renamed", old, f"called {new} now"),
    ]


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


def test_a_wrong_value_is_told_under_the_present_name(caplog: pytest.LogCaptureFixture) -> None:
    """
    The warning has named the former one.
    """
    with pytest.raises(SettingsWrong) as refusal:
        load_settings(variables_with() | {"SHULK_REFUND_LOOK_SECONDS": "soon"})

    [wrong] = refusal.value.wrong
    assert wrong.name == "SHULK_REFUND_POLL_SECONDS"
    assert [each.__dict__["field"] for each in caplog.records] == ["SHULK_REFUND_LOOK_SECONDS"]


def test_an_empty_former_name_is_not_set(caplog: pytest.LogCaptureFixture) -> None:
    """
    As everywhere in the environment.
    """
    load_settings(variables_with() | dict.fromkeys(FORMER_NAMES, ""))

    assert not caplog.records


def test_only_present_names_are_written_for_whoever_starts() -> None:
    """
    The page lists the former ones; the example has none.
    """
    assert set(FORMER_NAMES.values()) <= NAMES
    assert not NAMES & FORMER_NAMES.keys()
    assert not [old for old in FORMER_NAMES if f"{old}=" in env_example()]
    assert not [old for old in FORMER_NAMES if f"`{old}`" not in settings_page()]
