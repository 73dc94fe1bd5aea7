"""The console's discrepancies: listed by filters, shown with both sides, resolved with the journal in sight."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.reconciliation.discrepancies_contract import UNKNOWN
from domain.identifiers import PaymentId
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.staff.access import Role
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, into_console
from worlds.http_reconciliation import found, keep
from worlds.settings import settings_with

LIST: Final = "/console/discrepancies"


async def filled(client: Client, token: str, discrepancy: str, **fields: str) -> dict[str, str]:
    """Return the form of an action as the page makes it, filled in."""
    action = fields.get("action", "write_off")
    page = await client.get(f"{LIST}/{discrepancy}/resolve", params={"action": action})
    assert page.status_code == 200, page.headers
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return {**hidden, "note": "as agreed", **fields, "csrf_token": token}


async def resolved(client: Client, token: str, discrepancy: str, **fields: str) -> Any:
    form = await filled(client, token, discrepancy, **fields)
    return await client.post(f"{LIST}/{discrepancy}/resolve", data=form)


async def test_the_list_by_tabs_and_filters(client: Client, world: HttpWorld) -> None:
    """
    The gravest first; a filter is a tag that can be taken away; the next page is an address.
    """
    ids = [found(world, number) for number in range(1, 23)]
    other = found(world, 30, cause=Cause.FEE_DIFFERS)
    kept = world.memory.store.discrepancies
    kept[other] = replace(kept[other], state=DiscrepancyState.EXPLAINED)
    await into_console(client, world)
    first = (await client.get(LIST)).text
    (more,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await client.get(more.replace("&amp;", "&"))).text
    closed = (await client.get(LIST, params={"view": "closed"})).text
    by_id = (await client.get(LIST, params={"q": ids[4], "cause": "gross_differs"})).text
    assert other in (await client.get(LIST, params={"q": other})).text
    none = (await client.get(LIST, params={"type": "status_mismatch", "days": "2"})).text

    shown = [each for each in ids if each in first]
    assert len(shown) == 20
    assert [each for each in ids if each in second] == ids[:2]
    assert other in closed
    assert other not in first
    assert ids[4] in by_id
    assert ids[3] not in by_id
    assert "Another amount <span" in by_id
    assert "No discrepancy meets this" in none


@pytest.mark.parametrize(
    "asked",
    [
        {"view": "x"},
        {"type": "x"},
        {"cause": "x"},
        {"owner": "x"},
        {"days": "-1"},
        {"days": "99999"},
        {"order": "x"},
        {"q": "4111 1111 1111 1111"},
        {"q": "x" * 161},
    ],
    ids=str,
)
async def test_filters_that_cannot_be_meant(
    client: Client, world: HttpWorld, asked: dict[str, str]
) -> None:
    """
    They are said at the form; a card number is not shown again.
    """
    await into_console(client, world)
    answer = await client.get(LIST, params=asked)

    assert answer.status_code == 422
    assert "These filters cannot be used" in answer.text
    assert "4111 1111" not in answer.text


async def test_both_sides_with_their_evidence(client: Client, world: HttpWorld) -> None:
    """
    Our payment and the bank's words, the likely cause, what is left to a person.
    """
    payment = await begun_payment(client, world.bearer())
    finding = replace(
        UNKNOWN,
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.GROSS_DIFFERS,
        ref=payment,
        evidence=(("bank", "117900"), ("ours", "118000"), ("rrn", "631612345678")),
        difference_paise=-1_00,
        posted_paise=-1_00,
    )
    new = keep(world, finding)
    await into_console(client, world)
    page = (await client.get(f"{LIST}/{new}")).text

    assert "₹1,180.00" in page
    assert "₹1,179.00" in page
    assert "631612345678" in page
    assert "another amount than the student was asked for" in page
    assert f'href="/console/payments/{payment}"' in page
    assert "resolve?action=write_off" in page
    assert CHECKOUT["course_id"] not in page


async def test_a_row_that_cannot_be_read(client: Client, world: HttpWorld) -> None:
    """
    Its file is a link for whoever sees files; auditors see its hash alone.
    """
    finding = replace(
        UNKNOWN,
        cause=Cause.UNREADABLE_LINE,
        ref="line 7",
        settlement="f" * 64,
        lines=(),
        entries=(),
    )
    unreadable = keep(world, finding)
    await into_console(client, world)
    page = (await client.get(f"{LIST}/{unreadable}")).text
    assert "7, 8" in page
    assert f'href="/console/settlement-files/{"f" * 64}"' in page
    await into_console(client, world, "anil", Role.AUDITOR)
    page = (await client.get(f"{LIST}/{unreadable}")).text
    assert "7, 8" in page
    assert "/console/settlement-files/" not in page


async def test_a_small_one_is_written_off_and_undone(client: Client, world: HttpWorld) -> None:
    """
    The journal stands on the page before anything is written; sent twice, it is done once.
    """
    small = found(world)
    token = await into_console(client, world)
    form = await filled(client, token, small)
    check = await client.post(f"{LIST}/{small}/resolve/check", data=form)
    assert check.status_code == 200
    assert "Write-offs" in check.text
    assert "Suspense" in check.text
    assert world.memory.store.discrepancies[small].version == 1

    done = await client.post(f"{LIST}/{small}/resolve", data=form)
    again = await client.post(f"{LIST}/{small}/resolve", data=form)
    assert (done.status_code, again.status_code) == (303, 303)
    assert len(world.memory.store.resolutions) == 1
    page = (await client.get(f"{LIST}/{small}")).text
    assert "in force" in page
    assert "resolve?action=undo" in page
    undone = await resolved(client, token, small, action="undo", note="wrong one")
    assert undone.status_code == 303
    assert world.memory.store.discrepancies[small].state is DiscrepancyState.OPEN


async def test_a_large_one_waits_for_a_second_person(client: Client, world: HttpWorld) -> None:
    """
    Who proposed it can take it back and not approve it; a colleague approves.
    """
    large = found(world, paise=-900_00)
    token = await into_console(client, world)
    form = await filled(client, token, large)
    check = (await client.post(f"{LIST}/{large}/resolve/check", data=form)).text
    assert "Propose it" in check
    assert (await client.post(f"{LIST}/{large}/resolve", data=form)).status_code == 303
    own = (await client.get(f"{LIST}/{large}")).text
    assert "Take it back" in own
    assert "Approve" not in own
    decision = {"csrf_token": token, "version": "2", "decision": "approve"}
    refused = await client.post(f"{LIST}/{large}/decide", data=decision)
    assert "Nothing was done" in refused.text

    token = await into_console(client, world, "zoya")
    assert large in (await client.get(LIST, params={"view": "proposed"})).text
    assert "Approve" in (await client.get(f"{LIST}/{large}")).text
    decision |= {"csrf_token": token}
    approved = await client.post(f"{LIST}/{large}/decide", data=decision)
    again = await client.post(f"{LIST}/{large}/decide", data=decision)
    nonsense = await client.post(f"{LIST}/{large}/decide", data={**decision, "decision": "x"})

    assert approved.status_code == 303
    assert world.memory.store.discrepancies[large].state is DiscrepancyState.RESOLVED
    assert again.status_code == 409
    assert "how it stands" in again.text
    assert nonsense.status_code == 422


async def test_two_officers_at_once(client: Client, world: HttpWorld) -> None:
    """
    The slower one is told so, and sees what the faster one has done.
    """
    small = found(world)
    token = await into_console(client, world)
    form = await filled(client, token, small, note="mine")
    other = await filled(client, token, small, note="theirs")
    await client.post(f"{LIST}/{small}/resolve", data=other)

    check = await client.post(f"{LIST}/{small}/resolve/check", data=form)
    slower = await client.post(f"{LIST}/{small}/resolve", data=form)

    for answer in (check, slower):
        assert answer.status_code == 409
        assert "Somebody else, or a run, has changed" in answer.text
        assert "theirs" in answer.text


@pytest.mark.parametrize(
    ("cause", "fields", "told"),
    [
        (Cause.GROSS_DIFFERS, {"note": "x"}, "The note has"),
        (Cause.GROSS_DIFFERS, {"note": "4111 1111 1111 1111"}, "card number"),
        (Cause.GROSS_DIFFERS, {"action": "claim", "until": ""}, "until"),
        (Cause.GROSS_DIFFERS, {"action": "claim", "until": "2020-01-01"}, "until"),
        (Cause.GROSS_DIFFERS, {"action": "accept_bank", "account": ""}, "account"),
        (Cause.UNKNOWN_ORDER, {"action": "match_to", "payment_id": "x"}, "payment"),
        (Cause.GROSS_DIFFERS, {"key": ""}, "dempotency"),
    ],
    ids=str,
)
async def test_what_cannot_be_done_is_said_at_the_form(
    client: Client, world: HttpWorld, cause: Cause, fields: dict[str, str], told: str
) -> None:
    """
    With what was typed; nothing is written.
    """
    small = found(world)
    if cause is not Cause.GROSS_DIFFERS:
        small = keep(world, replace(UNKNOWN, ref="x"))
    token = await into_console(client, world)
    form = await filled(client, token, small, **fields)
    check = await client.post(f"{LIST}/{small}/resolve/check", data=form)
    done = await client.post(f"{LIST}/{small}/resolve", data=form)

    for answer in (check, done):
        assert answer.status_code == 422, answer.text
        assert told in answer.text
        assert "4111 1111" not in answer.text
    assert not world.memory.store.resolutions


async def test_a_refund_needs_the_code(client: Client, world: HttpWorld) -> None:
    """
    A wrong one is said at its field, and nothing is put on record; with the right one it is, beside the sale.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    twice = found(world, paise=1180_00, cause=Cause.CHARGED_TWICE)
    token = await into_console(client, world)
    fields = {"action": "refund_student", "payment_id": payment}
    form = await filled(client, token, twice, **fields, amount="1,180.00")
    check = await client.post(f"{LIST}/{twice}/resolve/check", data=form)
    assert "Code of six digits" in check.text
    wrong = await client.post(f"{LIST}/{twice}/resolve", data={**form, "code": "000000"})

    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    assert not world.memory.store.resolutions
    world.clock.at += timedelta(seconds=30)
    code = world.code(world.seeds["farhan"])
    done = await client.post(f"{LIST}/{twice}/resolve", data={**form, "code": code})
    assert done.status_code == 303
    (resolution,) = world.memory.store.resolutions.values()
    assert (resolution.payment, resolution.amount.paise) == (payment, 1180_00)
    assert world.memory.store.payments[PaymentId(payment)].refundable.paise == 1180_00


async def test_a_refund_counts_as_one() -> None:
    """
    Beyond the refunds of an hour the console gives nothing back, and writes off still.
    """
    world = HttpWorld(settings_with(limit_refund="1/hour"))
    async with world.serve() as client:
        token = await into_console(client, world)
        answers = []
        for number in (1, 2):
            twice = found(world, number, 1180_00, cause=Cause.CHARGED_TWICE)
            fields = {"action": "refund_student", "payment_id": "SKR3KDMZ5CWYH7NBIT4A"}
            answers.append(await resolved(client, token, twice, **fields, amount="1.00"))
        other = await resolved(client, token, found(world, 3))

    assert [each.status_code for each in answers] == [422, 429]
    assert other.status_code == 303


async def test_administrators_see_and_decide_nothing(client: Client, world: HttpWorld) -> None:
    """
    Support sees nothing; an id that is none, or that no run has found, is not found.
    """
    small = found(world)
    await into_console(client, world, "ada", Role.ADMIN)
    page = await client.get(f"{LIST}/{small}")
    assert page.status_code == 200
    assert "Somebody of finance decides" in page.text
    assert (await client.get(f"{LIST}/{small}/resolve?action=write_off")).status_code == 403
    assert (await client.get(f"{LIST}/nonsense")).status_code == 404
    assert (await client.get(f"{LIST}/DC{'A' * 18}")).status_code == 404
    await into_console(client, world, "farhan")
    unlawful = await client.get(f"{LIST}/{small}/resolve?action=not_ours")
    assert unlawful.headers["location"] == f"{LIST}/{small}"
    await into_console(client, world, "sunita", Role.SUPPORT)
    assert (await client.get(f"{LIST}/{small}")).status_code == 403
