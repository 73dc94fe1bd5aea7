"""``python -m entrypoints.simulator`` as a process of its own, from the first answer to the clean end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
import rich_click as click
from click.testing import CliRunner

from entrypoints.cli.main import main
from entrypoints.simulator.command import simulator

ENDS_WITHIN_SECONDS = 20
WARNINGS = "error::RuntimeWarning,always::ResourceWarning"


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command on a free port; yield it and its address once it answers."""
    announced = folder / "simulator.json"
    command = [sys.executable, "-m", "entrypoints.simulator", "--port", "0"]
    command += ["--announce", str(announced), *options]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": WARNINGS},
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said, process.communicate()[1]
        yield process, msgspec.json.decode(announced.read_bytes(), type=dict[str, str])["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("command", "words"), [(simulator, []), (main, ["simulator"])], ids=["module", "shulk"]
)
def test_help_begins_with_a_sentence(command: click.Command, words: list[str]) -> None:
    """
    What it is, in plain words without markup, and then every option.
    """
    shown = CliRunner().invoke(command, [*words, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    usage, sentence, *rest = (line.strip() for line in shown.output.splitlines() if line.strip())
    assert usage.endswith("simulator [OPTIONS]")
    assert re.fullmatch(r"[A-Z][\w ,]+\.", sentence), sentence
    options = [name for each in simulator.params for name in each.opts]
    assert len(options) > 30
    assert [each for each in options if each not in " ".join(rest)] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    """
    It announces where it answers, and ends with code 0 and without a word of complaint, in the middle of a
    held call and an unanswered webhook.
    """
    hook = "http://127.0.0.1:9/hook"
    with (
        running(tmp_path, "--webhook-url", hook, "--merchant-name", "Vidya") as (process, url),
        httpx.Client(base_url=url, auth=("sim_key", ""), verify=False) as http,
    ):
        session = {
            "order_id": "ORDER1",
            "amount": "10.00",
            "customer_id": "",
            "payment_page_client_id": "hdfcmaster",
            "action": "paymentPage",
            "return_url": "http://127.0.0.1:9/back",
        }
        http.headers["x-merchantid"] = "SIMMERCHANT"
        created = http.post("/session", json=session)
        assert created.status_code == 200
        assert created.json()["payment_links"]["web"].startswith(url)
        assert "Vidya" in http.get(created.json()["payment_links"]["web"]).text
        paid = http.post("/_control/orders/ORDER1/pay", json={})
        assert "&status=CHARGED&" in paid.json()["return_url"]
        fault = {"operation": "status", "fault": "timeout_before", "hold_seconds": 100}
        http.post("/_control/next", json=fault)
        with pytest.raises(httpx.ReadTimeout):
            http.get("/orders/ORDER1", timeout=0.2)

        process.send_signal(number)
        _, complaints = process.communicate(timeout=ENDS_WITHIN_SECONDS)

    assert process.returncode == 0
    assert complaints == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, verify=False)


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    """
    Two simulators never share a port, so none gets the other's calls.
    """
    with running(tmp_path) as (_, url):
        result = CliRunner().invoke(simulator, ["--port", str(httpx.URL(url).port), "--quiet"])

    assert result.exit_code == 1
    assert "cannot listen" in result.output


@pytest.mark.parametrize(
    "options",
    [
        ["--webhook-url", "nowhere"],
        ["--public-url", "ftp://example.com"],
        ["--webhook-header", "no-colon"],
        ["--webhook-header", "Authorization: Basic x"],
        ["--webhook-retry-scale", "-1"],
        ["--return-method", "put"],
        ["--tls-key", "missing.pem"],
        ["--port", "70000"],
    ],
)
def test_a_bad_option_is_named(options: list[str]) -> None:
    """
    Usage errors end with code 2 before anything listens.
    """
    result = CliRunner().invoke(simulator, options)

    assert result.exit_code == 2
    assert options[0].removeprefix("--") in result.output
