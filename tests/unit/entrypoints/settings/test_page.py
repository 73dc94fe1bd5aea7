"""What is printed about the settings is what the loader reads."""

import shlex
from pathlib import Path

from entrypoints.settings.page import env_example, settings_page
from entrypoints.settings.settings import VARIABLES, load_settings

EXAMPLE = Path(__file__).parents[4] / ".env.example"


def test_the_example_file_is_in_step() -> None:
    """
    A new variable is in the file before anybody misses it.
    """
    assert env_example() == EXAMPLE.read_text(encoding="utf-8")


def test_the_example_file_works() -> None:
    """
    Read the way a shell reads it, it makes accepted settings.
    """
    words = shlex.split(EXAMPLE.read_text(encoding="utf-8"), comments=True)

    settings = load_settings(dict(word.split("=", 1) for word in words))

    assert settings.demo_sign_in is False
    assert settings.redis_url is not None


def test_each_variable_is_explained_once() -> None:
    """
    Nobody searches the page for a name in vain.
    """
    page = settings_page()

    assert [page.count(f"| `{each.name}` |") for each in VARIABLES] == [1] * len(VARIABLES)
