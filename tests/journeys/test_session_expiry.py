"""Parts go away while people pay: what was begun is finished, what was told is not lost, and nobody is told a lie."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from conftest import run_sql, with_database
from entrypoints.cli.embedded import embedded_valkey
from journeys.api_clients import NO_SALE, ONE_SALE, charged, problem
from journeys.deployment import House, Neighbours, new_house
from journeys.page_visits import shop_in
from journeys.processes import Running
from journeys.waiting import eventually


async def test_the_api_finishes_what_it_has_begun(empty_house: House) -> None:
    """
    SIGTERM while the bank takes its time: the student still gets the answer, and the process ends with 0.
    """
    with empty_house.process("serve") as serving:
        async with shop_in(empty_house) as shop:
            asha, course = shop.student(), await shop.course()
            await shop.bank.fault("session", "timeout_before", hold_seconds=1.5)
            asking = asyncio.create_task(asha.initiate(course))
            await eventually(lambda: shop.records.count("payment", "course_id = $1", course))

            serving.ask_to_end()

            problem(await asking, 503, "gateway-unavailable")
            assert await asyncio.to_thread(serving.ended) == 0, serving.said
            assert not empty_house.answers()
            assert await shop.records.count("payment", "state = 'failed'") == 1


async def test_the_worker_finishes_what_it_has_begun(empty_house: House) -> None:
    """
    SIGTERM while the bank takes its time: the news is put back for the next worker, who finds it at once.
    """
    with empty_house.process("serve"):
        async with shop_in(empty_house) as shop:
            asha, course = shop.student(), await shop.course()
            order = (await asha.opened(course))["order_id"]
            await shop.bank.pay(order, webhooks=False)
            await shop.bank.is_away("timeout_before", hold_seconds=0.7)
            assert (await shop.bank.tell(charged(order, "1180.00"))).status_code == 200
            with empty_house.process("worker") as working:
                await eventually(
                    lambda: shop.records.news(order), lambda news: news[0]["attempts"] == 1
                )
                working.ask_to_end()
                assert await asyncio.to_thread(working.ended) == 0, working.said
            assert [each["state"] for each in await shop.records.news(order)] == ["parked"]
            assert await shop.records.one_sale(order) == NO_SALE
            await shop.bank.is_back()

            with empty_house.process("worker"):
                await shop.gets_one_letter(asha.person, order)
            assert await shop.records.one_sale(order) == ONE_SALE


async def test_without_redis_everything_still_drains(
    tmp_path: Path, around: Neighbours, database_url: str
) -> None:
    """
    Redis dies under API, worker and scheduler: payments open, settle and are confirmed from PostgreSQL.
    """
    with ExitStack() as rooms:
        redis = rooms.enter_context(ExitStack())
        redis_url = redis.enter_context(embedded_valkey(tmp_path / "valkey"))
        house = new_house(tmp_path, around, database_url, SHULK_REDIS_URL=redis_url)
        children = rooms.enter_context(house.processes("serve", "worker", "scheduler"))
        async with shop_in(house) as shop:
            ready = f"{shop.api}/health/ready"
            assert (await shop.http.get(ready)).json()["status"] == "ready"
            asha, before = shop.student(), await shop.course()
            open_before = (await asha.opened(before))["order_id"]

            await asyncio.to_thread(redis.close)

            for order in (open_before, (await asha.opened(await shop.course()))["order_id"]):
                await shop.bank.pay(order, webhooks=False)
                assert (await shop.bank.tell(charged(order, "1180.00"))).status_code == 200
                await shop.records.reaches(order, "success")
                await shop.gets_one_letter(asha.person, order)
                assert await shop.records.one_sale(order) == ONE_SALE
            answer = await shop.http.get(ready)
            assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
            assert answer.json()["parts"]["database"] == "ok"
            assert [each.name for each in children if not each.lives] == []
            for each in children:
                each.ask_to_end()
            codes = [await asyncio.to_thread(each.ended) for each in children]
            assert codes == [0, 0, 0]


async def test_while_the_database_is_away_nothing_is_thanked_for(empty_house: House) -> None:
    """
    A webhook that cannot be kept is not answered 200; everybody is told to come back, and then it goes on.
    """
    with empty_house.processes("serve", "worker") as children:
        async with shop_in(empty_house) as shop:
            asha, course = shop.student(), await shop.course()
            order = (await asha.opened(course))["order_id"]
            await shop.bank.pay(order, webhooks=False)
            event = charged(order, "1180.00")

            async with _shut(empty_house):
                for answer in (await shop.bank.tell(event), await asha.initiate(course)):
                    problem(answer, 503, "storage-unavailable")
                    assert int(answer.headers["Retry-After"]) > 0
                unready = await shop.http.get(f"{shop.api}/health/ready")
                assert (unready.status_code, unready.json()["status"]) == (503, "unready")
                assert (await shop.http.get(f"{shop.api}/health/live")).status_code == 200

            assert (await shop.bank.tell(event)).status_code == 200
            assert [each.name for each in children if not each.lives] == []
        async with shop_in(empty_house) as shop:
            await shop.records.reaches(order, "success")
            assert await shop.records.one_sale(order) == ONE_SALE


async def test_a_scheduler_without_redis_waits_for_its_end(empty_house: House) -> None:
    """
    It has nobody to call, says so once, and hears SIGTERM all the same.
    """
    with empty_house.process("scheduler") as process:
        await eventually(lambda: _said(process, "SHULK_REDIS_URL is not set"))
        process.ask_to_end()
        assert await asyncio.to_thread(process.ended) == 0, process.said


@asynccontextmanager
async def _shut(house: House) -> AsyncIterator[None]:
    """Let nobody into the house's database for the length of an ``async with`` block."""
    url = house.variables["SHULK_DATABASE_URL"]
    name = urlsplit(url).path.lstrip("/")
    server = with_database(url, "postgres")
    await run_sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        await run_sql(
            server,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - our own name
        )
        yield
    finally:
        await run_sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def _said(process: Running, words: str) -> bool:
    return words in process.said
