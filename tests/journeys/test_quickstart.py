"""docs/quickstart.md, run from its text: paid, refunded and told of, in each language and by a generated client."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import pytest

PAGE: Final = Path(__file__).parents[2] / "docs" / "quickstart.md"
README: Final = Path(__file__).parents[2] / "README.md"
ENDS_SECONDS_MAX: Final = 90
BIN: Final = Path(sys.executable).parent
IN_PYTHON: Final = (sys.executable, "quickstart.py")
WAYS: Final = {
    "curl": ("sh", "quickstart.sh", ("sh", "quickstart.sh")),
    "Python": ("python", "quickstart.py", IN_PYTHON),
    "JavaScript": ("javascript", "quickstart.mjs", ("node", "quickstart.mjs")),
}
TOOLS: Final = {"curl": "curl", "JavaScript": "node"}
CLIENT: Final = "A typed client"
GENERATED: Final = (
    *("openapi-python-client", "generate", "--config", "client.yml"),
    *("--meta", "none", "--output-path", "shulk_client", "--fail-on-warning"),
)

pytestmark = pytest.mark.timeout(2 * ENDS_SECONDS_MAX)


def block(heading: str, language: str) -> str:
    """Return the first block of *language* under *heading*."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{heading} has no {language}"
    return found[1]


def place(folder: Path, told: dict[str, Any], student: int) -> Path:
    """Return *folder* with a ``demo.json`` in which a student of its own comes first."""
    folder.mkdir(exist_ok=True)
    students = [told["students"][student]]
    (folder / "demo.json").write_text(json.dumps(told | {"students": students}), encoding="utf-8")
    return folder


async def ran(*command: str, folder: Path) -> str:
    """Return what *command* said; it has to end well, and in time."""
    path = os.pathsep.join((str(BIN), os.environ["PATH"]))
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(ENDS_SECONDS_MAX):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.parametrize("way", WAYS)
async def test_it_leads_from_the_demo_to_a_refund(
    way: str, told: dict[str, Any], tmp_path: Path
) -> None:
    """
    As it stands in the page: the course is opened and closed by what the platform is told.
    """
    tool = TOOLS.get(way)
    if tool is not None and shutil.which(tool) is None:
        assert "EVERY_TOOL_IS_NEEDED" not in os.environ, f"{tool} has to be there"
        pytest.skip(f"without {tool} the part for {way} is not tried")
    language, name, command = WAYS[way]
    folder = place(tmp_path, told, -1 - list(WAYS).index(way))
    (folder / name).write_text(block(way, language), encoding="utf-8")

    said = await ran(*command, folder=folder)

    assert f"Pay at {told['simulator']}/" in said
    assert "enrolment.ended" in said or "Close the course:" in said
    assert re.search(r"refunded \[.*'?amount'?: '849.50'", said, re.DOTALL), said


async def test_a_generated_client_does_the_same(told: dict[str, Any], tmp_path: Path) -> None:
    """
    The generator has nothing to warn of; what mypy says of the client is asked by the exhaustive tests.
    """
    folder = place(tmp_path, told, -1 - len(WAYS))
    # What formats the generated code is no part of the question.
    (folder / "client.yml").write_text(block(CLIENT, "yaml") + "post_hooks: []\n", encoding="utf-8")
    (folder / "quickstart.py").write_text(block(CLIENT, "python"), encoding="utf-8")

    await ran(*GENERATED, "--url", f"{told['api']}/api/docs/openapi.json", folder=folder)
    said = await ran(*IN_PYTHON, folder=folder)

    assert "Enrolled: True" in said
    assert re.search(r"Refunded: 849\.50 (pending|success) \d{4}-\d\d-\d\d", said), said


def test_the_readme_begins_with_the_same_commands() -> None:
    """
    What the README shows of it, right behind the two commands, is the page's own text.
    """
    shown = (
        README.read_text(encoding="utf-8").partition("\n## Quickstart\n")[2].partition("\n## ")[0]
    )
    found = re.search(r"^```sh\n(.*?)^```$", shown, re.MULTILINE | re.DOTALL)

    assert found is not None
    assert found[1] == block("curl", "sh")
