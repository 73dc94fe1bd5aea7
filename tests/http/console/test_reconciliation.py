"""The console's reconciliation: a run by a button, the runs there were, and what each of them found."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.reconciliation.discrepancies_contract import UNKNOWN
from contracts.reconciliation.runs_contract import SUMMARY
from domain.money import Money
from domain.staff.access import Role
from entrypoints.http import event_streams
from entrypoints.http.console import run_updates
from worlds.http import Client, HttpWorld, into_console
from worlds.http_reconciliation import ended_run, keep

RUNS = "/console/reconciliation"
DAY = timedelta(days=1)
TODAY = date(2026, 8, 3)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams look without a pause, and last a blink."""
    monkeypatch.setattr(run_updates, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(event_streams, "STREAM_SECONDS_MAX", 0.02)


def version_in(page: str) -> str:
    return page.partition('data-version="')[2].partition('"')[0]


async def test_a_run_by_a_button(client: Client, world: HttpWorld) -> None:
    """
    A worker is woken; until it has ended the page says so, then it tells what came of it.
    """
    token = await into_console(client, world)
    assert "Nothing was reconciled yet" in (await client.get(RUNS)).text
    world.woken = 0
    form = {"csrf_token": token, "first": str(TODAY - DAY), "last": str(TODAY)}
    asked = await client.post(RUNS, data=form)
    again = await client.post(RUNS, data=form)
    address = asked.headers["location"]
    assert (asked.status_code, again.headers["location"]) == (303, address)
    assert world.woken
    waiting = (await client.get(address)).text
    assert "It is being reconciled" in waiting
    assert f'href="{address}">Look again' in waiting
    seen = f"{address}/events?seen={version_in(waiting)}"
    assert "event:" not in (await client.get(seen)).text
    await world.use_cases().reconciliation().run()()
    ended = (await client.get(address)).text

    assert "event: changed" in (await client.get(seen)).text
    over = await client.get(f"{address}/events?seen={version_in(ended)}")
    assert "event: settled" in over.text
    assert "Look again" not in ended
    assert "Books and bank agree" in ended
    assert "2 August 2026 to 3 August 2026" in ended
    assert address in (await client.get(RUNS)).text
    (export,) = re.findall(r'href="([^"]+format=xlsx)"', ended)
    assert (await client.get(export)).status_code == 200


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (str(TODAY), str(TODAY - DAY)),
        (str(TODAY), str(TODAY + DAY)),
        (str(TODAY - 40 * DAY), str(TODAY)),
        ("", str(TODAY)),
        ("x", "y"),
    ],
)
async def test_days_that_are_not_reconciled(
    client: Client, world: HttpWorld, first: str, last: str
) -> None:
    """
    The form says why, and keeps what was typed.
    """
    token = await into_console(client, world)
    form = {"csrf_token": token, "first": first, "last": last}
    answer = await client.post(RUNS, data=form)

    assert answer.status_code == 422
    assert "Nothing was begun" in answer.text
    assert f'value="{last}"' in answer.text
    assert not world.memory.store.runs


async def test_days_that_are_often_asked_for(client: Client, world: HttpWorld) -> None:
    """
    A link fills them in.
    """
    await into_console(client, world)
    page = (await client.get(RUNS)).text
    (yesterday,) = re.findall(r'href="([^"]+)">Yesterday', page)
    filled = (await client.get(yesterday.replace("&amp;", "&"))).text

    assert filled.count(f'value="{TODAY - DAY}"') == 2


async def test_support_has_no_reconciliation(client: Client, world: HttpWorld) -> None:
    """
    Neither in the navigation nor by its address.
    """
    await into_console(client, world, "sunita", Role.SUPPORT)

    assert RUNS not in (await client.get("/console")).text
    assert (await client.get(RUNS)).status_code == 403
    assert (await client.get(f"{RUNS}/RC{'A' * 18}")).status_code == 403


async def test_a_run_that_is_none(client: Client, world: HttpWorld) -> None:
    """
    Nor is a cursor that is none.
    """
    await into_console(client, world)

    assert (await client.get(f"{RUNS}/RC{'A' * 18}")).status_code == 404
    assert (await client.get(f"{RUNS}/nonsense")).status_code == 404
    assert (await client.get(f"{RUNS}/nonsense/events")).status_code == 404
    assert (await client.get(f"{RUNS}/RC{'A' * 18}/events")).status_code == 404
    assert (await client.get(RUNS, params={"cursor": "x"})).status_code == 400


async def test_what_a_run_found(client: Client, world: HttpWorld) -> None:
    """
    With the likely cause, whose it is and how much it comes to; each total is shown.
    """
    finding = replace(UNKNOWN, difference_paise=12_345, posted_paise=12_345)
    discrepancy, run = keep(world, finding), ended_run(world)
    await into_console(client, world)
    page = (await client.get(f"{RUNS}/{run}")).text

    assert discrepancy in page
    assert "₹123.45" in page
    assert f'href="/console/discrepancies/{discrepancy}"' in page
    assert "/export?format=csv" in page
    assert str(Money(SUMMARY.net_paise)) in page
    assert "Books and bank agree" not in page


async def test_each_day_has_a_bar(client: Client, world: HttpWorld) -> None:
    """
    In words and in a table, too; a run of the release before has none.
    """
    run = ended_run(world)
    await into_console(client, world)
    page = (await client.get(f"{RUNS}/{run}")).text

    words = re.findall(r'<text class="chart-word"[^>]*>([^<]+)</text>', page)
    assert words == ["13 November 2026", "2 matched, 1 overdue", "14 November 2026", "4 expected"]
    (table,) = re.findall(r"<th scope=.col.>Day</th>.*?</table>", page, re.DOTALL)
    assert re.findall(r'class="sum">(\d+)<', table) == ["2", "0", "1", "0", "0", "4", "0", "0"]

    ((known, row),) = world.memory.store.runs.items()
    before = replace(row.run, summary=replace(SUMMARY, days={}))
    world.memory.store.runs[known] = replace(row, run=before)
    assert "By day of settlement" not in (await client.get(f"{RUNS}/{run}")).text
