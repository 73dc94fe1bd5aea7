"""The settings table printed: ``.env.example`` for whoever starts, a page for whoever looks one up."""

import shlex
from typing import Final

from entrypoints.settings.former_names import FORMER_NAMES
from entrypoints.settings.settings import VARIABLES, Variable

HEAD: Final = """\
# Settings of Shulk. Copy to .env, change, and load:  set -a; . ./.env; set +a
# Printed from the settings table; `shulk doctor` checks what you wrote.
# With these values it runs for development, against `shulk simulator` on port 8100
# and a mail server on port 1025 (python -m entrypoints.mailbox).
"""
PAGE: Final = """\
# Settings

Read once as a process starts, from the environment. All that is missing or wrong is named at once;
an unknown `SHULK_` name is a mistake, too. `.env.example` is a working start.

| Variable | Needed | Usual value | What it is |
|---|---|---|---|
"""
FORMER: Final = """
## Former names

They work until the next release. A command or process that uses one says so.
Both names of one setting together are a mistake.

"""


def env_example() -> str:
    """Return the text of ``.env.example``: each variable with a comment; optional ones are off."""
    return HEAD + "".join(_example(each) for each in VARIABLES)


def settings_page() -> str:
    """Return the text of ``docs/settings.md``."""
    return PAGE + "".join(_row(each) for each in VARIABLES) + _former_names()


def _example(variable: Variable) -> str:
    line = f"{variable.name}={shlex.quote(variable.example) if variable.example else ''}"
    # What is written here although it has a usual value, differs from it for development.
    said = variable.example and variable.example != variable.default
    return f"\n# {variable.says}{_usual(variable)}\n{line if said else f'#{line}'}\n"


def _usual(variable: Variable) -> str:
    if variable.needed:
        return " Needed."
    return f" Usual: {variable.default}." if variable.default else ""


def _row(variable: Variable) -> str:
    needed = "yes" if variable.needed else ""
    usual = f"`{variable.default}`" if variable.default else ""
    return f"| `{variable.name}` | {needed} | {usual} | {variable.says} |\n"


def _former_names() -> str:
    rows = "".join(f"- `{old}` is `{new}` now\n" for old, new in FORMER_NAMES.items())
    return f"{FORMER}{rows}"
