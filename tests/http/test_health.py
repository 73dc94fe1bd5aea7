"""What a load balancer is told, and what starts and stops with the process."""

from worlds.http import Client, HttpWorld


async def test_alive_is_asked_of_the_process_only(client: Client, world: HttpWorld) -> None:
    """
    A database that is away does not make anybody restart the process.
    """
    world.parts = {"database": "OSError"}

    assert (await client.get("/health/live")).json() == {"status": "live"}


async def test_ready_when_every_part_is(client: Client) -> None:
    """
    200 and each part by name.
    """
    answer = await client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {"database": "ok", "redis": "ok"}}


async def test_without_redis_it_is_degraded(client: Client, world: HttpWorld) -> None:
    """
    Everything still drains, later: no reason to send students away.
    """
    world.parts = {"database": "ok", "redis": "ConnectionError"}
    answer = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


async def test_without_the_database_it_is_unready(client: Client, world: HttpWorld) -> None:
    """
    503 names the part that is missing.
    """
    world.parts = {"database": "OSError", "redis": "ok"}
    answer = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["parts"]["database"] == "OSError"


async def test_start_and_stop_frame_the_process(world: HttpWorld) -> None:
    """
    The process is started once before the first answer, and stopped once after the last.
    """
    async with world.serve() as client:
        await client.get("/health/live")
        assert (world.started, world.stopped) == (1, 0)

    assert (world.started, world.stopped) == (1, 1)
