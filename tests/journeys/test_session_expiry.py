"""Parts go away while people pay: what was begun is finished, what was told is not lost, and nobody is told a lie."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from conftest import run_sql, with_database
from entrypoints.cli.embedded import embedded_valkey
from worlds.processes.api_clients import NO_SALE, ONE_SALE, charged, problem
from worlds.processes.deployment import Deployment, OutsideServices, new_deployment
from worlds.processes.process_world import world_of
from worlds.processes.running import Running
from worlds.processes.waiting import eventually


async def test_the_api_finishes_what_it_has_begun(empty_deployment: Deployment) -> None:
    """
    SIGTERM while the bank takes its time: the student still gets the answer, and the process ends with 0.
    """
    with empty_deployment.process("serve") as serving:
        async with world_of(empty_deployment) as world:
            asha, course = world.student(), await world.course()
            await world.bank.fault("session", "timeout_before", hold_seconds=1.5)
            asking = asyncio.create_task(asha.initiate(course))
            await eventually(lambda: world.records.count("payment", "course_id = $1", course))

            serving.ask_to_end()

            problem(await asking, 503, "gateway-unavailable")
            assert await asyncio.to_thread(serving.ended) == 0, serving.said
            assert not empty_deployment.answers()
            assert await world.records.count("payment", "state = 'failed'") == 1


async def test_the_worker_finishes_what_it_has_begun(empty_deployment: Deployment) -> None:
    """
    SIGTERM while the bank takes its time: the news is put back for the next worker, who finds it at once.
    """
    with empty_deployment.process("serve"):
        async with world_of(empty_deployment) as world:
            asha, course = world.student(), await world.course()
            order = (await asha.opened(course))["order_id"]
            await world.bank.pay(order, webhooks=False)
            await world.bank.is_away("timeout_before", hold_seconds=0.7)
            assert (await world.bank.tell(charged(order, "1180.00"))).status_code == 200
            with empty_deployment.process("worker") as working:
                await eventually(
                    lambda: world.records.news(order), lambda news: news[0]["attempts"] == 1
                )
                working.ask_to_end()
                assert await asyncio.to_thread(working.ended) == 0, working.said
            assert [each["state"] for each in await world.records.news(order)] == ["deferred"]
            assert await world.records.one_sale(order) == NO_SALE
            await world.bank.is_back()

            with empty_deployment.process("worker"):
                await world.receive_one_email(asha.person, order)
            assert await world.records.one_sale(order) == ONE_SALE


async def test_without_redis_everything_still_drains(
    tmp_path: Path, around: OutsideServices, database_url: str
) -> None:
    """
    Redis dies under API, worker and scheduler: payments open, settle and are confirmed from PostgreSQL.
    """
    with ExitStack() as rooms:
        redis = rooms.enter_context(ExitStack())
        redis_url = redis.enter_context(embedded_valkey(tmp_path / "valkey"))
        deployment = new_deployment(tmp_path, around, database_url, SHULK_REDIS_URL=redis_url)
        children = rooms.enter_context(deployment.processes("serve", "worker", "scheduler"))
        async with world_of(deployment) as world:
            ready = f"{world.api}/health/ready"
            assert (await world.http.get(ready)).json()["status"] == "ready"
            asha, before = world.student(), await world.course()
            open_before = (await asha.opened(before))["order_id"]

            await asyncio.to_thread(redis.close)

            for order in (open_before, (await asha.opened(await world.course()))["order_id"]):
                await world.bank.pay(order, webhooks=False)
                assert (await world.bank.tell(charged(order, "1180.00"))).status_code == 200
                await world.records.reaches(order, "success")
                await world.receive_one_email(asha.person, order)
                assert await world.records.one_sale(order) == ONE_SALE
            answer = await world.http.get(ready)
            assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
            assert answer.json()["parts"]["database"] == "ok"
            assert [each.name for each in children if not each.lives] == []
            for each in children:
                each.ask_to_end()
            codes = [await asyncio.to_thread(each.ended) for each in children]
            assert codes == [0, 0, 0]


async def test_while_the_database_is_away_nothing_is_thanked_for(
    empty_deployment: Deployment,
) -> None:
    """
    A webhook that cannot be kept is not answered 200; everybody is told to come back, and then it goes on.
    """
    with empty_deployment.processes("serve", "worker") as children:
        async with world_of(empty_deployment) as world:
            asha, course = world.student(), await world.course()
            order = (await asha.opened(course))["order_id"]
            await world.bank.pay(order, webhooks=False)
            event = charged(order, "1180.00")

            async with _shut(empty_deployment):
                for answer in (await world.bank.tell(event), await asha.initiate(course)):
                    problem(answer, 503, "storage-unavailable")
                    assert int(answer.headers["Retry-After"]) > 0
                unready = await world.http.get(f"{world.api}/health/ready")
                assert (unready.status_code, unready.json()["status"]) == (503, "unready")
                assert (await world.http.get(f"{world.api}/health/live")).status_code == 200

            assert (await world.bank.tell(event)).status_code == 200
            assert [each.name for each in children if not each.lives] == []
        async with world_of(empty_deployment) as world:
            await world.records.reaches(order, "success")
            assert await world.records.one_sale(order) == ONE_SALE


async def test_a_scheduler_without_redis_waits_for_its_end(empty_deployment: Deployment) -> None:
    """
    It has nobody to call, logs so once, and ends at SIGTERM all the same.
    """
    with empty_deployment.process("scheduler") as process:
        await eventually(lambda: _said(process, "scheduler.without_redis"))
        process.ask_to_end()
        assert await asyncio.to_thread(process.ended) == 0, process.said


@asynccontextmanager
async def _shut(deployment: Deployment) -> AsyncIterator[None]:
    """Let nobody into the deployment's database for the length of an ``async with`` block."""
    url = deployment.variables["SHULK_DATABASE_URL"]
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
