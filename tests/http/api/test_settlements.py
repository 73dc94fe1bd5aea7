"""Finance send settlement files and statements over HTTP: shown first, then taken, listed and released."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from entrypoints.http.api.cursor import write_text_cursor
from fakes.clock import NOON
from worlds.http import Client, HttpWorld, problem
from worlds.settings import settings_with

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "settlement"
FILES: Final = "/api/admin/settlement-files"
STATEMENTS: Final = "/api/admin/bank-statements"
KEY: Final = "SIM0001/2026-11-13"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld(settings_with(bank_accounts="50200000000001"))


async def sent(
    client: Client, world: HttpWorld, name: str, *, to: str = FILES, query: str = "", **form: str
) -> Any:
    return await client.post(
        f"{to}{query}",
        files={"file": (name, (SAMPLES / name).read_bytes(), "text/csv")},
        data=form,
        headers=world.bearer("mira", "finance"),
    )


async def taken(client: Client, world: HttpWorld, name: str, to: str = FILES) -> dict[str, Any]:
    shown = (await sent(client, world, name, to=to)).json()
    answer = await sent(client, world, name, to=to, query=f"?take=true&sha256={shown['sha256']}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_file_is_shown_before_it_is_taken(client: Client, world: HttpWorld) -> None:
    """
    With its totals, first lines and rejected rows; nothing is kept until the hash is named.
    """
    shown = (await sent(client, world, "10-hostile-cells.csv", mid="SIM0001")).json()

    assert (shown["state"], shown["lines"], shown["rejected"]) == (None, 6, 1)
    assert shown["held_for"] == ["rows_rejected"]
    assert [each["reason"] for each in shown["rejected_list"]] == ["amount_not_exact"]
    assert len(shown["line_list"]) == 6
    assert shown["settlements"][0]["reported_net"] == "28058.00"
    assert world.shelf.files == {}
    assert world.memory.store.settlement_files == {}

    told = await taken(client, world, "10-hostile-cells.csv")
    assert (told["state"], told["origin"], told["received_by"]) == ("held", "upload", "staff:mira")


async def test_another_file_than_was_shown_is_not_taken(client: Client, world: HttpWorld) -> None:
    """
    Nor one of which no preview is named.
    """
    other = await sent(client, world, "01-clean.csv", query=f"?take=true&sha256={'0' * 64}")
    none = await sent(client, world, "01-clean.csv", query="?take=true")

    problem(other, 409, "preview-differs")
    problem(none, 422, "invalid-request")
    assert world.memory.store.settlement_files == {}


async def test_what_is_no_report_is_refused(client: Client, world: HttpWorld) -> None:
    """
    With the reason; so is what is too large to be one.
    """
    answer = await client.post(
        FILES,
        files={"file": ("../a.csv", b"some,notes\n", "text/csv")},
        headers=world.bearer("mira", "finance"),
    )
    large = await client.post(
        FILES,
        files={"file": ("a.csv", b"x" * (66 * 1024 * 1024), "text/csv")},
        headers=world.bearer("mira", "finance"),
    )

    problem(answer, 422, "settlement-file-refused")
    assert answer.json()["reason"] == "no_preset"
    problem(large, 413, "body-too-large")


async def test_files_are_listed_page_by_page(client: Client, world: HttpWorld) -> None:
    """
    The latest first, or those of one state; one by its hash.
    """
    first = await taken(client, world, "01-clean.csv")
    second = await taken(client, world, "02-bom-crlf.csv")
    bearer = world.bearer("mira", "finance")

    page = (await client.get(f"{FILES}?limit=1", headers=bearer)).json()
    rest = (await client.get(f"{FILES}?cursor={page['next']}", headers=bearer)).json()
    held = (await client.get(f"{FILES}?state=held", headers=bearer)).json()
    one = (await client.get(f"{FILES}/{first['sha256']}", headers=bearer)).json()

    names = {page["items"][0]["sha256"], rest["items"][0]["sha256"]}
    assert names == {first["sha256"], second["sha256"]}
    assert (rest["next"], held["items"]) == (None, [])
    assert one == first
    missing = await client.get(f"{FILES}/{'0' * 64}", headers=bearer)
    problem(missing, 404, "not-found")
    bad = await client.get(f"{FILES}?cursor=nonsense", headers=bearer)
    problem(bad, 400, "cursor-invalid")


async def test_a_held_file_is_released_and_a_reissue_declined_and_taken(
    client: Client, world: HttpWorld
) -> None:
    """
    Each with a reason, and once.
    """
    await taken(client, world, "01-clean.csv")
    held = await taken(client, world, "10-hostile-cells.csv")
    bearer = world.bearer("mira", "finance")
    place = f"{FILES}/{held['sha256']}"
    reason = {"reason": "the bank confirmed it"}

    released = await client.post(f"{place}/release", json=reason, headers=bearer)
    again = await client.post(f"{place}/release", json=reason, headers=bearer)
    which = reason | {"settlement": KEY}
    waiting = (await client.get(f"{FILES}?waiting=true", headers=bearer)).json()
    declined = await client.post(f"{place}/decline", json=which, headers=bearer)
    not_again = await client.post(f"{place}/decline", json=which, headers=bearer)
    took = await client.post(f"{place}/take", json=which, headers=bearer)
    once_more = await client.post(
        f"{place}/take", json=reason | {"settlement": KEY}, headers=bearer
    )

    assert released.status_code == 200, released.text
    assert released.json()["settlements"][0]["state"] == "waiting"
    problem(again, 409, "file-step-illegal")
    assert [each["sha256"] for each in waiting["items"]] == [held["sha256"]]
    assert declined.json()["settlements"][0]["state"] == "declined"
    problem(not_again, 409, "reissue-not-waiting")
    assert took.json()["settlements"][0]["state"] == "live"
    problem(once_more, 409, "reissue-not-waiting")


async def test_a_statement_is_shown_before_it_is_taken(client: Client, world: HttpWorld) -> None:
    """
    Of our account, each entry once.
    """
    shown = (await sent(client, world, "11-bank-statement.csv", to=STATEMENTS)).json()
    told = await taken(client, world, "11-bank-statement.csv", to=STATEMENTS)

    assert (shown["taken"], shown["statements"][0]["entries"]) == (False, 5)
    assert (told["taken"], told["statements"][0]["new_entries"]) == (True, 5)
    assert told["statements"][0]["account"] == "50200000000001"
    assert len(world.memory.store.bank_entries) == 5


async def test_statements_are_listed_by_pages(client: Client, world: HttpWorld) -> None:
    """
    The latest first, with the file that each stands in and who brought it; each page leads to the next.
    """
    for name in ("11-bank-statement.csv", "12-bank-statement.mt940"):
        await taken(client, world, name, to=STATEMENTS)
        world.clock.move(timedelta(minutes=1))
    bearer = world.bearer("mira", "finance")

    page = (await client.get(f"{STATEMENTS}?limit=1", headers=bearer)).json()
    rest = (await client.get(f"{STATEMENTS}?cursor={page['next']}", headers=bearer)).json()

    items = [*page["items"], *rest["items"]]
    assert [each["name"] for each in items] == ["12-bank-statement.mt940", "11-bank-statement.csv"]
    assert rest["next"] is None
    assert (items[1]["account"], items[1]["new_entries"]) == ("50200000000001", 5)
    assert {each["received_by"] for each in items} == {"staff:mira"}
    for key in ("nonsense", "a/b", f"a/{'9' * 9}"):
        cursor = key if key == "nonsense" else write_text_cursor(NOON, key)
        bad = await client.get(f"{STATEMENTS}?cursor={cursor}", headers=bearer)
        problem(bad, 400, "cursor-invalid")
    support = await client.get(STATEMENTS, headers=world.bearer("ravi", "support"))
    problem(support, 403, "not-allowed")


async def test_support_sends_no_files(client: Client, world: HttpWorld) -> None:
    """
    Nor does anybody without a role for it.
    """
    for role in ("support", "student"):
        answer = await client.get(FILES, headers=world.bearer("ravi", role))
        assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/api/admin/settlement-files", "/api/admin/bank-statements"])
@pytest.mark.parametrize("encoding", ["utf-8", "no-such-encoding"])
async def test_a_field_that_is_no_text_is_refused(
    client: Client, world: HttpWorld, path: str, encoding: str
) -> None:
    """
    A file without a name comes as a field: bytes of no encoding, or of one that nobody knows.
    """
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n'
        b"Content-Type: text/plain; charset=" + encoding.encode() + b"\r\n\r\n\x89PNG\r\n--x--\r\n"
    )
    headers = world.bearer("fina", "finance") | {"Content-Type": "multipart/form-data; boundary=x"}

    problem(await client.post(path, content=body, headers=headers), 400, "bad-request")
