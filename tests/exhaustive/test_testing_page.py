"""The page for those who test a platform, followed word by word in an empty environment, without a network."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/testing-your-platform.md"
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
CARRIED: Final = ("_pytest", "pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")
"""What pip would fetch for pytest; an offline machine has it here already."""
ENDS_WITHIN_SECONDS: Final = 240

pytestmark = pytest.mark.timeout(ENDS_WITHIN_SECONDS)


def blocks(language: str) -> list[str]:
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


def run(command: list[str], folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own page
        command,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shulk_in_its_own_environment(folder: Path) -> Path:
    """What pipx would have made: a command that knows where its packages are."""
    command = folder / "shulk"
    command.write_text(
        f'#!/bin/sh\nexec env PYTHONPATH={ROOT / "src"} {sys.executable} -m entrypoints.cli.main "$@"\n'
    )
    command.chmod(0o755)
    return command


@dataclass(frozen=True)
class Followed:
    """A folder in which everything but the last line of the page has been done."""

    folder: Path
    environ: dict[str, str]
    running: str
    tests: int


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    folder = tmp_path_factory.mktemp("page")
    wheels = folder / "wheels"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = kept | {
        # The page's python3 is the one that these tests run on.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "SHULK_BIN": str(shulk_in_its_own_environment(folder)),
    }
    build = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--quiet"]
    run([*build, "--wheel-dir", str(wheels), str(ROOT / "clients/testing")], folder, environ)
    installing, running = blocks("sh")
    (test_file,) = blocks("python")
    (folder / "test_platform.py").write_text(test_file, encoding="utf-8")
    for line in installing.splitlines():
        # An environment of its own stands already: the one that these tests run in.
        if not line.startswith("pipx "):
            run(["/bin/sh", "-c", line], folder, environ)
    (packages,) = (folder / ".venv/lib").glob("python3*/site-packages")
    for each in Path(pytest.__file__).parents[1].iterdir():
        if each.name.partition("-")[0].removesuffix(".py") in CARRIED:
            (packages / each.name).symlink_to(each)
    return Followed(folder, environ, running.strip(), test_file.count("def test_"))


@pytest.mark.parametrize("bank", ["", " --shulk-gateway fake"])
def test_the_page_leads_to_green_tests(followed: Followed, bank: str) -> None:
    """
    Install, write the file, run it: what the page says and nothing else, on either stand-in bank.
    """
    said = run(["/bin/sh", "-c", followed.running + bank], followed.folder, followed.environ)

    assert re.search(rf"{followed.tests} passed", said), said
