"""Finance fetch a month's return over HTTP: whole, or with a problem that says why not."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from domain.money import Money
from fakes.documents.issued import a_company
from fakes.gst_returns.sample_month import day, issue_the_month
from worlds.http import Client, HttpWorld, problem
from worlds.settings import settings_with

NOVEMBER = "/api/admin/gstr1/2026-11"


@pytest.fixture
async def world() -> HttpWorld:
    """A world of the company that the sample month is of."""
    world = HttpWorld(settings_with(seller_gstin=a_company().gstin.text))
    await issue_the_month(world.memory.unit_of_work)
    world.clock.at = day(30)
    return world


@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("json", "application/json", "gstr1-27AAECD1234F1Z3-2026-11.json"),
        ("csv", "application/zip", "gstr1-27AAECD1234F1Z3-2026-11.zip"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "gstr1-27AAECD1234F1Z3-2026-11.xlsx",
        ),
    ],
)
async def test_finance_fetch_the_month(
    client: Client, world: HttpWorld, form: str, media_type: str, name: str
) -> None:
    """
    As a file with a name, which no cache keeps; who fetched it is written down.
    """
    answer = await client.get(f"{NOVEMBER}?format={form}", headers=world.bearer("mira", "finance"))

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer.headers["cache-control"]
    if form == "json":
        assert json.loads(answer.content)["b2cl"][0]["pos"] == "07"
    else:
        assert ZipFile(BytesIO(answer.content)).testzip() is None
    entry = world.memory.store.audit[-1]
    assert (entry.action, entry.subject, entry.origin.actor) == (
        "return.exported",
        "2026-11",
        "staff:mira",
    )


@pytest.mark.parametrize(
    "month", ["2026-13", "2025-04", "november", "2026-1", "2030-01", "9999-12"]
)
async def test_no_month_no_return(client: Client, world: HttpWorld, month: str) -> None:
    """
    What is no month, one before the return had its present tables, and one that has not begun.
    """
    answer = await client.get(f"/api/admin/gstr1/{month}", headers=world.bearer("mira", "admin"))

    problem(answer, 422, "period-invalid")


async def test_another_form_is_refused_by_name(client: Client, world: HttpWorld) -> None:
    """
    There are three.
    """
    answer = await client.get(f"{NOVEMBER}?format=pdf", headers=world.bearer("mira", "admin"))

    assert "format" in answer.text
    problem(answer, 422, "invalid-request")


async def test_a_return_that_does_not_tie_is_not_handed_over(
    client: Client, world: HttpWorld
) -> None:
    """
    Not a byte of it.
    """
    world.memory.periods.mistaken_by = Money(1)

    answer = await client.get(NOVEMBER, headers=world.bearer("mira", "finance"))

    problem(answer, 409, "return-does-not-tie")
