"""docs/quickstart.md, run from its text: paid, refunded and told of, in each language and by a generated client."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from worlds.processes.waiting import eventually

PAGE: Final = Path(__file__).parents[2] / "docs" / "quickstart.md"
MAKEFILE: Final = Path(__file__).parents[2] / "Makefile"
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
RECEIVER: Final = "A receiver of ten lines"
LINES_OF_RECEIVER: Final = 10
TOLD_OF: Final = ("payment.succeeded", "enrolment.started", "enrolment.ended")
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


async def begun(*command: str, folder: Path, is_leader: bool = False) -> asyncio.subprocess.Process:
    """Return *command* as it runs in *folder*, where *is_leader* as the leader of all that it starts."""
    path = os.pathsep.join((str(BIN), os.environ["PATH"]))
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=is_leader,
    )


async def ran(*command: str, folder: Path) -> str:
    """Return what *command* said; it has to end well, and in time."""
    process = await begun(*command, folder=folder)
    try:
        async with asyncio.timeout(ENDS_SECONDS_MAX):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def listens(port: str) -> bool:
    """Whether somebody answers at *port* of this machine."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", int(port))
    except OSError:
        return False
    writer.close()
    return True


async def remove_endpoint(told: dict[str, Any], url: str) -> None:
    """Let nothing be told at *url* any more."""
    token = next(each["token"] for each in told["staff"] if "admin" in each["roles"])
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=told["api"], headers=headers, trust_env=False) as admin:
        for each in (await admin.get("/api/admin/webhooks")).json()["items"]:
            if each["url"] == url:
                (await admin.post(f"/api/admin/webhooks/{each['id']}/remove")).raise_for_status()


def need(tool: str, part: str) -> None:
    """Skip the test of *part* where *tool* is missing, or fail it where every tool is needed."""
    if shutil.which(tool) is None:
        assert "EVERY_TOOL_IS_NEEDED" not in os.environ, f"{tool} has to be there"
        pytest.skip(f"without {tool} the part for {part} is not tried")


@pytest.mark.parametrize("way", WAYS)
async def test_it_leads_from_the_demo_to_a_refund(
    way: str, told: dict[str, Any], tmp_path: Path
) -> None:
    """
    As it stands in the page: the course is opened and closed by what the platform is told.
    """
    if (tool := TOOLS.get(way)) is not None:
        need(tool, way)
    language, name, command = WAYS[way]
    folder = place(tmp_path, told, -1 - list(WAYS).index(way))
    (folder / name).write_text(block(way, language), encoding="utf-8")

    said = await ran(*command, folder=folder)

    assert f"Pay at {told['simulator']}/" in said
    assert "enrolment.ended" in said or "Close the course:" in said
    assert re.search(r"refunded \[.*'?amount'?: '849.50'", said, re.DOTALL), said


async def test_a_receiver_of_ten_lines_is_told(told: dict[str, Any], tmp_path: Path) -> None:
    """
    Its two parts as they stand in the page, but for the port: what curl pays and refunds is printed by it.
    """
    need("curl", "a receiver")
    folder = place(tmp_path, told, -2 - len(WAYS))
    student = told["students"][-2 - len(WAYS)]["id"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script, commands = (block(RECEIVER, each).replace("9000", port) for each in ("python", "sh"))
    assert len([line for line in script.splitlines() if line]) == LINES_OF_RECEIVER
    (folder / "receiver.py").write_text(script, encoding="utf-8")
    (folder / "receive.sh").write_text(commands, encoding="utf-8")
    (folder / "quickstart.sh").write_text(block("curl", "sh"), encoding="utf-8")
    (folder / ".venv").symlink_to(BIN.parent)
    receiver = await begun("sh", "receive.sh", folder=folder, is_leader=True)
    assert receiver.stdout is not None
    try:
        async with asyncio.timeout(ENDS_SECONDS_MAX):
            await eventually(lambda: listens(port), bool, within_seconds=ENDS_SECONDS_MAX)
            await ran("sh", "quickstart.sh", folder=folder)
            said = ""
            while not all(each in said for each in TOLD_OF):
                line = (await receiver.stdout.readline()).decode()
                assert line, said
                said += line if f"'student_id': '{student}'" in line else ""
    finally:
        os.killpg(receiver.pid, signal.SIGKILL)
        await receiver.wait()
        await remove_endpoint(told, f"http://127.0.0.1:{port}/")


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


async def test_one_command_shows_it_all(tmp_path: Path) -> None:
    """
    What `make quickstart` gives to Python is the page's own program, and without a demo it says what is missing.
    """
    (tmp_path / "docs").mkdir()
    shutil.copy(PAGE, tmp_path / "docs")
    recipe = MAKEFILE.read_text(encoding="utf-8").partition("\nquickstart:")[2].partition("\n\n")[0]
    check, run = (line[2:].replace("$$", "$") for line in recipe.splitlines()[1:])

    missing = await begun("sh", "-c", check, folder=tmp_path)
    assert missing.stdout is not None
    assert b"make demo" in await missing.stdout.read()
    assert await missing.wait() == 1
    said = await ran("sh", "-c", run.replace("$(BIN)/python -", "cat"), folder=tmp_path)
    assert said == block("Python", "python")


@pytest.mark.parametrize("way", WAYS)
def test_the_readme_begins_with_the_same(way: str) -> None:
    """
    What the README shows of it in each language, right behind the two commands, is the page's own text, and so is run.
    """
    shown = README.read_text(encoding="utf-8").partition("\n## Quickstart\n")[2]
    language, _, _ = WAYS[way]
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", shown.partition("\n## ")[0], re.MULTILINE | re.DOTALL
    )

    assert found == [block(way, language)]
