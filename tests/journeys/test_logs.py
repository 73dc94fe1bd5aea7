"""What the processes write about all this: enough for an operator, and nothing that belongs to anybody."""

from base64 import b64encode
from secrets import token_hex, token_urlsafe
from urllib.parse import quote

import pytest_asyncio

from entrypoints.settings.settings import load_settings, secrets_of
from worlds.processes.api_clients import ProcessWorld, charged, event_of, fields_of
from worlds.processes.demo import Demonstration
from worlds.processes.deployment import Deployment
from worlds.processes.logs import Logs
from worlds.processes.process_world import world_of

CARD = "4539148803436467"
CARD_IN_GROUPS = "4539 1488 0343 6467"
CORRELATION = f"journey-{token_hex(6)}"


class Canaries:
    """Words that occur nowhere else, one for each thing that is nobody's business."""

    def __init__(self) -> None:
        self.name = f"Asha {token_hex(5)}"
        self.mail = f"m{token_hex(6)}@example.com"
        self.phone = f"98{int(token_hex(4), 16) % 10**8:08d}"
        self.address = f"{token_hex(5)} Road"
        self.gstin = "29AAGCB7383J1Z4"
        self.password = token_urlsafe(18)
        self.typed = token_hex(7)
        self.tokens: list[str] = []

    def all(self, deployment: Deployment) -> list[str]:
        secrets = secrets_of(load_settings(deployment.variables))
        return [
            *(self.name, self.mail, quote(self.mail), self.phone, self.address, self.gstin),
            *(self.password, self.typed, CARD, CARD_IN_GROUPS, *self.tokens, *secrets),
            *(b64encode(f"{each}:".encode()).decode() for each in secrets),
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told_all(deployment: Deployment) -> tuple[Deployment, Canaries, Logs]:
    """A deployment in which everything has happened at least once, with canaries in it, and what it wrote."""
    canaries = Canaries()
    async with world_of(deployment) as world:
        await go_everywhere(deployment, world, canaries)
    return deployment, canaries, deployment.logs


async def go_everywhere(deployment: Deployment, world: ProcessWorld, canaries: Canaries) -> None:
    asha = world.of(
        deployment.person(name=canaries.name, email=canaries.mail, phone=canaries.phone)
    )
    canaries.tokens.append(asha.person.token)
    billing = {"address": canaries.address, "gstin": canaries.gstin}
    seen = {"X-Request-ID": CORRELATION, "User-Agent": f"{canaries.typed}/1.0"}

    order = (await asha.opened(await world.course(), billing=billing, headers=seen))["order_id"]
    back = (await world.bank.pay(order, method="CARD", webhooks=False))["return_url"]
    await wrong_words_from_the_bank(world, canaries, order, back)
    shown = (await world.bank.knows(order))["order"] | {"card": {"card_number": CARD}}
    await world.bank.tell(event_of(shown))
    await world.records.reaches(order, "success")
    await world.receive_one_email(asha.person, order)
    await world.http.get(back)

    for operation, fault in (("session", "html_403"), ("session", "unauthorised")):
        await world.bank.fault(operation, fault)
        await asha.initiate(await world.course(), billing=billing)
    declined = (await asha.opened(await world.course(), billing=billing))["order_id"]
    await world.bank.pay(declined, "failure", webhooks=False)
    await world.bank.fault("status", "http_500")
    await world.bank.tell(charged(declined, "1180.00"))
    await world.records.reaches(declined, "failed")

    for typed in (CARD, CARD_IN_GROUPS, canaries.typed * 60):
        await asha.initiate("x", canaries.typed, billing=billing | {"name": typed})
    await asha.initiate("x", billing={canaries.typed: canaries.typed})
    await asha.ask("POST", "/api/payment/quote", content=f'{{"{canaries.typed}')
    await asha.ask("GET", f"/api/{canaries.typed}", params={"email": canaries.mail})
    await asha.ask("GET", f"/api/payment/status/{canaries.typed}", params={"card": CARD})
    forged = deployment.token(key="k" * 64, name=canaries.name, email=canaries.mail)
    canaries.tokens.append(forged)
    for token in (forged, canaries.typed):
        bearer = {"Authorization": f"Bearer {token}"}
        await world.http.get(f"{world.api}/api/payment/history", headers=bearer)


async def wrong_words_from_the_bank(
    world: ProcessWorld, canaries: Canaries, order: str, back: str
) -> None:
    await world.bank.tell(charged(order, "1180.00"), password=canaries.password)
    await world.bank.tell(f'{{"id": "{CARD}", "event_name": "{canaries.typed}"}}'.encode())
    await world.bank.tell(f"{canaries.mail} {CARD}".encode())
    forged = dict(fields_of(back)) | {"signature": canaries.typed, "card": CARD}
    await world.http.get(back.partition("?")[0], params=forged)


def test_nothing_that_belongs_to_anybody_is_logged(
    told_all: tuple[Deployment, Canaries, Logs],
) -> None:
    """
    Names, mail, phone, address, GSTIN, cards, keys, passwords, tokens: not one in any line.
    """
    deployment, canaries, logs = told_all

    assert len(logs.lines) > 30
    assert logs.lines_with(canaries.all(deployment)) == []


def test_every_line_is_one_object(told_all: tuple[Deployment, Canaries, Logs]) -> None:
    """
    Whatever tool reads the logs finds time, level, logger and event in each line.
    """
    _, _, logs = told_all

    for line in logs.lines:
        assert {"timestamp", "level", "logger", "event"} <= set(line)


def test_a_request_is_followed_by_its_id(told_all: tuple[Deployment, Canaries, Logs]) -> None:
    """
    From the answer to the bank's: one id of the client's, and beside it the bank's own.
    """
    _, _, logs = told_all

    lines = [each for each in logs.lines if each.get("client_request_id") == CORRELATION]

    assert [each["event"] for each in lines] == ["gateway.answered", "request.answered"]
    assert lines[0]["response_id"]
    assert (lines[1]["route"], lines[1]["status_code"]) == ("/api/payment/initiate", 201)


def test_every_answer_and_every_call_can_be_followed(
    told_all: tuple[Deployment, Canaries, Logs],
) -> None:
    """
    No answer without a correlation id, no exchange with the bank without its id and ours.
    """
    _, _, logs = told_all
    answered = [each for each in logs.lines if each["event"] == "request.answered"]
    asked = [each for each in logs.lines if each["event"] == "gateway.answered"]

    assert answered
    assert [each for each in answered if not each.get("correlation_id")] == []
    assert asked
    assert [each for each in asked if not each.get("response_id")] == []
    assert [each for each in asked if not each.get("correlation_id")] == []
    assert [each for each in logs.lines if "fields_dropped" in each] == []


def test_security_events_are_marked(told_all: tuple[Deployment, Canaries, Logs]) -> None:
    """
    Forged webhook, forged return, forged token: each can be counted.
    """
    _, _, logs = told_all

    marked = [each["event"] for each in logs.lines if each.get("event_type") == "security"]

    assert len(marked) >= 4
    assert "token.refused" in marked


def test_nothing_unexpected_went_wrong(told_all: tuple[Deployment, Canaries, Logs]) -> None:
    """
    Bad input and a stammering bank are no errors of ours.
    """
    _, _, logs = told_all

    assert [each for each in logs.lines if each["event"] == "request.failed_unexpectedly"] == []
    assert [each for each in logs.lines if each["level"] == "critical"] == []


def test_the_demo_writes_one_object_a_line(demo: Demonstration) -> None:
    """
    API, worker and scheduler alike, from their first line on.
    """
    assert demo.logs.lines
    assert demo.logs.lines_with(demo.secrets) == []


def test_the_neighbours_write_no_secret_either(
    told_all: tuple[Deployment, Canaries, Logs],
) -> None:
    """
    Simulator and mailbox see everything and log none of it.
    """
    deployment, canaries, _ = told_all
    files = sorted(deployment.outside_services.folder.glob("*.log"))

    assert [each.stem for each in files] == ["mailbox", "simulator"]
    assert Logs.of(files).lines_with(canaries.all(deployment)) == []
