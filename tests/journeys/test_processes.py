"""What every process offers: health, the description of the interface, and security headers."""

import re

import jsonschema_rs
import pytest
from click.testing import CliRunner

from entrypoints.cli.main import main
from worlds.processes.api_clients import ProcessWorld, announce_body, problem
from worlds.processes.deployment import Deployment
from worlds.processes.waiting import eventually

ADDRESS = re.compile(r"(?:https?:)?//[A-Za-z0-9.-]+")
PAGES = (
    "/",
    "/api/docs",
    "/health/live",
    "/nowhere",
    "/api/payment/history",
    "/problems/not-found",
)


async def test_the_deployment_is_alive_and_ready(world: ProcessWorld) -> None:
    """
    A load balancer learns whether the process lives, and whether it can work now.
    """
    live = await world.http.get(f"{world.api}/health/live")
    ready = await world.http.get(f"{world.api}/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "parts": {"database": "ok", "redis": "ok", "gateway": "ok"}},
    )


async def test_a_worker_has_no_port_and_is_probed(deployment: Deployment) -> None:
    """
    By the file that the running worker renews; no scheduler runs there, and so it is told.
    """
    probe = CliRunner()

    async def probed() -> int:
        return probe.invoke(main, ["health", "worker"], env=deployment.variables).exit_code

    await eventually(probed, lambda code: code == 0)
    missing = probe.invoke(main, ["health", "scheduler"], env=deployment.variables)
    assert (missing.exit_code, "no scheduler" in missing.output) == (1, True)


async def test_the_description_is_valid_openapi(world: ProcessWorld) -> None:
    """
    A client generator takes it: OpenAPI 3.1, each reference leads somewhere, each operation has examples.
    """
    # Each worker reads this file, and the library takes it longer to read than a hundred files of ours.
    from schemathesis.specs.openapi.definitions import OPENAPI_31  # noqa: PLC0415

    answer = await world.http.get(f"{world.api}/api/docs/openapi.json")

    described = answer.json()
    assert answer.status_code == 200
    assert described["openapi"].startswith("3.1")
    jsonschema_rs.validate(OPENAPI_31, described)
    references = set(re.findall(r'"\$ref":\s*"([^"]+)"', answer.text))
    for reference in references:
        place = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step.replace("~1", "/").replace("~0", "~")]
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    assert {
        *("/api/payment/quote", "/api/payment/initiate", "/api/payment/callback"),
        *("/api/payment/webhook", "/api/payment/history", "/health/live", "/health/ready"),
        *("/api/payment/status/{transaction_id}", "/api/admin/courses/{course_id}"),
        "/api/admin/discounts/{code}",
    } <= set(described["paths"])
    initiate = described["paths"]["/api/payment/initiate"]["post"]
    assert initiate["requestBody"]["content"]["application/json"]["schema"]["examples"]
    assert initiate["responses"]["201"]["content"]["application/json"]["examples"]
    assert {"401", "404", "409", "422", "503"} <= set(initiate["responses"])


async def test_its_page_works_offline(world: ProcessWorld) -> None:
    """
    Page and stylesheet are ours: no other host is named in anything that a browser would fetch.
    """
    page = await world.http.get(f"{world.api}/api/docs")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    fetched = re.findall(r"""(?:src|href|action|url)\s*[=(]\s*["']?([^"'\s>)]+)""", page.text)
    assert fetched
    foreign = [each for each in fetched if ADDRESS.match(each) and not each.startswith(world.api)]
    assert foreign == []
    assert "<script" not in page.text
    for style in (each for each in fetched if each.endswith(".css")):
        sheet = await world.http.get(f"{world.api}{style}")
        assert sheet.status_code == 200
        assert "@import" not in sheet.text
        assert not ADDRESS.search(sheet.text)


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_tells_a_browser_to_be_careful(world: ProcessWorld, path: str) -> None:
    """
    Found or not, allowed or not: policy, no sniffing, no framing, no keeping, and an id to ask about.
    """
    answer = await world.http.get(f"{world.api}{path}", headers={"X-Request-ID": "asked-by-asha"})

    headers = answer.headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Client-Request-ID"] == "asked-by-asha"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-ID"])


@pytest.mark.parametrize("offered", ["", "a b", "x" * 65, "asha@example.com"])
async def test_an_id_that_could_hold_anything_is_left_out(
    world: ProcessWorld, offered: str
) -> None:
    """
    Only a short plain word is kept from outside; logs are no place for the rest.
    """
    answer = await world.http.get(f"{world.api}/health/live", headers={"X-Request-ID": offered})

    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])
    assert "X-Client-Request-ID" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/api/nowhere", 404, "not-found"),
        ("DELETE", "/api/payment/history", 405, "method-not-allowed"),
        ("GET", "/api/payment/initiate", 405, "method-not-allowed"),
    ],
)
async def test_what_is_not_there_is_told_as_a_problem(
    world: ProcessWorld, method: str, path: str, status: int, slug: str
) -> None:
    """
    Programs get problems, and the page of each kind says what to do.
    """
    answer = await world.student().ask(method, path)

    told = problem(answer, status, slug)
    page = await world.http.get(told["type"])
    assert page.status_code == 200
    assert told["title"] in page.text


async def test_bodies_have_a_limit_and_a_kind(world: ProcessWorld) -> None:
    """
    Too much, not JSON, broken JSON: each is refused in its own words.
    """
    asha, path = world.student(), "/api/payment/initiate"
    json = {"Content-Type": "application/json"}

    status, large = await announce_body(f"{world.api}{path}", 262_145, asha.person.bearer)
    form = await asha.ask("POST", path, data={"course_id": "x"})
    broken = await asha.ask("POST", path, content=b'{"course_id":', headers=json)

    assert status == 413
    assert "/problems/body-too-large" in large
    problem(form, 415, "unsupported-media-type")
    problem(broken, 400, "bad-request")


async def test_a_student_who_asks_too_often_is_told_to_wait(own_world: ProcessWorld) -> None:
    """
    Five payments a minute are the usual limit; the sixth is 429 with a time to wait.
    """
    asha = own_world.student()

    answers = [await asha.initiate("no-such-course") for _ in range(6)]

    assert {each.status_code for each in answers[:5]} == {404}
    problem(answers[5], 429, "too-many-requests")
    assert 0 < int(answers[5].headers["Retry-After"]) <= 60
    assert (await own_world.student().initiate("no-such-course")).status_code == 404
