"""The console's settlement files and bank statements: shown first, imported as shown, released, taken or declined."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from domain.identifiers import StudentId
from domain.staff.access import Role
from worlds.http import Client, HttpWorld, into_console, signed_in
from worlds.settings import settings_with

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "settlement"
FILES: Final = "/console/settlement-files"
STATEMENTS: Final = "/console/bank-statements"
KEY: Final = "SIM0001/2026-11-13"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld(settings_with(bank_accounts="50200000000001"))


async def sent(client: Client, token: str, name: str, to: str, **fields: str) -> Any:
    return await client.post(
        to,
        files={"file": (name, (SAMPLES / name).read_bytes(), "text/csv")},
        data={"csrf_token": token, **fields},
    )


async def imported(client: Client, token: str, name: str, to: str = FILES) -> str:
    """Import a sample as it was shown, and return where the answer leads."""
    shown = await sent(client, token, name, f"{to}/preview")
    assert shown.status_code == 200, shown.text
    (digest,) = re.findall(r'name="sha256" value="(\w+)"', shown.text)
    taken = await sent(client, token, name, to, sha256=digest)
    assert taken.status_code == 303, taken.text
    return str(taken.headers["location"])


async def test_a_file_is_shown_and_then_imported(client: Client, world: HttpWorld) -> None:
    """
    With layout, sums and lines; nothing is kept before the import, and only the file that was shown is taken.
    """
    token = await into_console(client, world)
    assert "No settlement file has come yet" in (await client.get(FILES)).text
    shown = (await sent(client, token, "01-clean.csv", f"{FILES}/preview")).text
    assert "hdfc_upi_mpr" in shown
    assert KEY in shown
    assert world.shelf.files == {}
    other = await sent(client, token, "01-clean.csv", FILES, sha256="0" * 64)
    assert other.status_code == 422
    assert "The file is not taken" in other.text

    address = await imported(client, token, "01-clean.csv")
    page = (await client.get(address)).text
    assert "Imported" in page
    assert "01-clean.csv" in (await client.get(FILES)).text
    assert "01-clean.csv" in (await client.get(FILES, params={"state": "imported"})).text
    assert "No file is in this state" in (await client.get(FILES, params={"state": "held"})).text
    assert (await client.get(FILES, params={"state": "x"})).status_code == 422
    assert (await client.get(f"{FILES}/{'0' * 64}")).status_code == 404


async def test_a_held_file_is_released_and_its_reissue_decided(
    client: Client, world: HttpWorld
) -> None:
    """
    Rejected rows by number; each decision with a reason, and once: the slower officer sees how it stands.
    """
    token = await into_console(client, world)
    await imported(client, token, "01-clean.csv")
    shown = (await sent(client, token, "10-hostile-cells.csv", f"{FILES}/preview")).text
    assert "It would be held" in shown
    assert "Amount not exact" in shown
    place = await imported(client, token, "10-hostile-cells.csv")
    held = (await client.get(place)).text
    assert "It is held" in held
    assert "Amount not exact" in held
    form = {"csrf_token": token, "reason": "the bank confirmed it"}
    card = await client.post(f"{place}/release", data={**form, "reason": "4111 1111 1111 1111"})
    assert (card.status_code, "4111 1111" in card.text) == (422, False)
    assert (await client.post(f"{place}/release", data=form)).status_code == 303
    again = await client.post(f"{place}/release", data=form)
    assert again.status_code == 409

    waiting = (await client.get(FILES, params={"state": "waiting"})).text
    assert place in waiting
    assert "Decline it" in (await client.get(place)).text
    compared = (await client.get(f"{place}/reissue", params={"settlement": KEY})).text
    assert "are the same" in compared
    assert "Decline it" in compared
    other = await client.get(f"{place}/reissue", params={"settlement": "x"})
    assert other.status_code == 409
    assert (await client.get(f"{FILES}/{'0' * 64}/reissue")).status_code == 404
    which = {**form, "settlement": KEY}
    reissue = f"{place}/reissue"
    assert (await client.post(reissue, data={**which, "decision": "x"})).status_code == 422
    assert (await client.post(reissue, data={**which, "decision": "decline"})).status_code == 303
    slower = await client.post(reissue, data={**which, "decision": "decline"})
    assert slower.status_code == 409
    assert "this re-issue was declined" in slower.text
    assert (await client.post(reissue, data={**which, "decision": "take"})).status_code == 303
    assert "; counts" in (await client.get(place)).text
    gone = await client.post(f"{FILES}/{'0' * 64}/release", data=form)
    assert gone.status_code == 404


async def test_a_statement_is_shown_and_then_imported(client: Client, world: HttpWorld) -> None:
    """
    With its entries and whether its balances follow.
    """
    token = await into_console(client, world)
    empty = (await client.get(STATEMENTS)).text
    assert "No statement has come yet" in empty
    assert '<option value="mt940">' in empty
    shown = (await sent(client, token, "11-bank-statement.csv", f"{STATEMENTS}/preview")).text
    assert "Balances follow" in shown
    assert world.memory.store.bank_entries == {}
    address = await imported(client, token, "11-bank-statement.csv", STATEMENTS)

    page = (await client.get(address.partition("#")[0])).text
    assert "5 of 5" in page
    assert (await client.get(STATEMENTS, params={"cursor": "x"})).status_code == 400
    other = await sent(client, token, "11-bank-statement.csv", STATEMENTS, sha256="0" * 64)
    assert other.status_code == 422


@pytest.mark.parametrize("page", [FILES, STATEMENTS])
async def test_what_is_no_report_is_refused_at_the_form(
    client: Client, world: HttpWorld, page: str
) -> None:
    """
    And so is a form without a file; what was typed is kept.
    """
    token = await into_console(client, world)
    fields = {"csrf_token": token, "mid": "SIM0009", "account": "SIM0009"}
    notes = {"file": ("a.csv", b"some,notes\n", "text/csv")}
    refused = await client.post(f"{page}/preview", files=notes, data=fields)
    empty = {"file": ("", b"", "application/octet-stream")}
    nothing = await client.post(f"{page}/preview", files=empty, data=fields)
    no_form = await client.post(f"{page}/preview", data=fields)

    for answer in (refused, nothing, no_form):
        assert answer.status_code == 422
        assert "is not taken" in answer.text
        assert "SIM0009" in answer.text


@pytest.mark.parametrize("page", [FILES, f"{FILES}/preview", STATEMENTS, f"{STATEMENTS}/preview"])
async def test_no_file_from_another_site_or_for_who_may_not(
    client: Client, world: HttpWorld, page: str
) -> None:
    """
    The token of a form with a file is in the form; what nobody may send is not even read.
    """
    token = await into_console(client, world)
    forged = await sent(client, "0" * 64, "01-clean.csv", page)
    none = await client.post(page, files={"file": ("a.csv", b"x", "text/csv")})
    assert (forged.status_code, none.status_code) == (403, 403)
    assert world.shelf.files == {}
    await into_console(client, world, "sunita", Role.SUPPORT)
    refused = await sent(client, token, "01-clean.csv", page)
    assert refused.status_code == 403
    student = await signed_in(client, world, StudentId("asha"))
    assert (await sent(client, student, "01-clean.csv", page)).status_code == 403
    # A form that cannot be read would be another answer.
    broken = {"Content-Type": "multipart/form-data"}
    assert (await client.post(page, content=b"", headers=broken)).status_code == 403
