"""The demo stands up whole, tells where, goes its trips, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import entrypoints
from entrypoints.cli.demo.report import show

SOURCES = str(Path(entrypoints.__file__).parents[1])
PATIENCE_SECONDS = 100.0

pytestmark = pytest.mark.timeout(300)


@contextmanager
def demo(*options: str, path: str = "", **how: Any) -> Iterator[subprocess.Popen[str]]:
    """A demo on free ports, ended with the block if it has not ended by itself."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHULK_")}
    sources = os.pathsep.join(each for each in (SOURCES, path) if each)
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "entrypoints.cli.main", "demo", "--port", "0", *options],
        env=environ | {"PYTHONPATH": sources},
        text=True,
        **how,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def eventually(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened()


def announced(process: subprocess.Popen[str], file: Path) -> dict[str, Any]:
    assert eventually(lambda: file.exists() or process.poll() is not None)
    read: dict[str, Any] = json.loads(file.read_bytes())
    return read


def is_open(address: str) -> bool:
    place = urlsplit(address)
    try:
        socket.create_connection((place.hostname or "", place.port or 0), timeout=2).close()
    except OSError:
        return False
    return True


def urls(told: dict[str, Any]) -> list[str]:
    return [told["api"], told["simulator"], told["mailbox"], told["database_url"]]


@pytest.mark.thorough
def test_a_hard_kill_leaves_nobody_behind(tmp_path: Path) -> None:
    """
    Not even SIGKILL leaves a server that goes on for ever.
    """
    file = tmp_path / "demo.json"
    with demo("--announce", str(file), stdout=subprocess.DEVNULL) as process:
        told = announced(process, file)
        process.kill()
        process.wait(PATIENCE_SECONDS)

    assert eventually(lambda: not any(map(is_open, urls(told))))


def test_the_known_trips_end_as_they_should(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """
    Paid, free, declined, abandoned, lost, forged, given back and retried: one object says how each ended.
    """
    file = tmp_path / "demo.json"

    code = show(
        port=0,
        simulator_port=0,
        mailbox_port=0,
        announce=file,
        once=True,
        as_json=True,
        postgres_version=18,
    )

    report = json.loads(capsys.readouterr().out)
    assert [each for each in report["trips"] if "problem" in each] == []
    assert report["ok"] is True
    opened = sum(each["enrolled"] is True for each in report["trips"])
    assert report["platform"]["courses"] >= opened
    assert report["platform"]["events"] > len(report["trips"])
    assert code == 0
    assert {each["name"]: each["status"] for each in report["trips"]} == {
        "paid by UPI": "success",
        "paid by card with a discount": "success",
        "free by discount": "success",
        "declined": "failed",
        "abandoned": "expired",
        "webhooks lost, recovered by a status read": "success",
        "callback and webhook at once": "success",
        "forged callback": "pending",
        "refunded in full": "refunded",
        "refunded in two parts": "refunded",
        "over-refund refused": "success",
        "retry after a decline": "success",
        "webhook never came": "success",
        "late success after expiry": "success",
        "paid twice, given back": "refunded",
        "gateway down, then back": "success",
    }
    notes = {each["name"]: len(each["credit_note_numbers"]) for each in report["trips"]}
    invoiced = {each["name"] for each in report["trips"] if each["invoice_number"]}
    assert notes["refunded in full"] == 1
    assert notes["refunded in two parts"] == 2
    assert sum(notes.values()) == 3
    assert set(notes) - invoiced == {
        "free by discount",
        "declined",
        "abandoned",
        "forged callback",
        # What opened nothing supplied nothing.
        "paid twice, given back",
    }
    assert report["emails"] >= 21
    assert report["invariants"]["broken"] == []
    assert "refunds_above_capture" in report["invariants"]["checked"]
    assert report["ledger"]["balanced"] is True
    accounts = report["ledger"]["accounts"]
    told = report["reconciliation"]
    assert told["discrepancies"] == {
        "chargeback": 1,
        "gross_differs": 1,
        "not_settled_when_due": 1,
        "refund_made_outside": 1,
    }
    assert (told["healed"], told["resolved"]) == (["refund_made_outside"], ["gross_differs"])
    assert told["matched"] >= 16
    assert (told["expected"], told["suspense"]) == (0, "0.00")
    # All that the reports tell is on the account; what is missing is all that is left to be settled.
    assert told["net"] == told["credited"] == accounts["bank"]
    assert (accounts["clearing"], accounts["transit"], accounts["writeoff"]) == (
        "1499.00",
        "0.00",
        "10.00",
    )
    # All that was sold has its document, and nothing was promised or taken that is still owed.
    for settled in ("receivable", "refunds_payable", "unapplied"):
        assert accounts.get(settled, "0.00") == "0.00"
    # The refund at the bank may have its credit note by now, or not yet.
    assert accounts["refunds_granted"] in {"0.00", "100.00"}
    assert report["database"].startswith("PostgreSQL 18.")
    assert report["redis"].startswith("Valkey ")
    assert not any(map(is_open, urls(json.loads(file.read_bytes()))))


@pytest.mark.thorough
def test_a_child_that_dies_at_start_is_named(tmp_path: Path) -> None:
    """
    Nobody guesses which of seven processes did not come up, and why.
    """
    broken = tmp_path / "aiosmtpd"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise SystemExit('no post today')", encoding="utf-8")

    with demo(path=str(tmp_path), stderr=subprocess.PIPE) as process:
        _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert "mailbox ended with code 1" in said
    assert "no post today" in said


def test_a_taken_port_is_told_at_once() -> None:
    """
    A second demo does not share the first one's port.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with demo("--port", port, stderr=subprocess.PIPE) as process:
            _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert f"port {port} is taken" in said


@pytest.mark.thorough
def test_a_wish_to_end_is_heard_while_it_starts() -> None:
    """
    Ctrl-C in the first second ends it as cleanly as in the last.
    """
    with demo(stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
