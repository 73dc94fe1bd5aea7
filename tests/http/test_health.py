"""What a load balancer hears, and what frames the process."""

from worlds.http import Client, HttpWorld


async def test_alive_is_asked_of_the_process_only(client: Client, shop: HttpWorld) -> None:
    """
    A database that is away does not make anybody restart the process.
    """
    shop.parts = {"database": "OSError"}

    assert (await client.get("/health/live")).json() == {"status": "live"}


async def test_ready_when_every_part_is(client: Client) -> None:
    """
    200 and each part by name.
    """
    answer = await client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {"database": "ok", "redis": "ok"}}


async def test_without_redis_it_is_degraded(client: Client, shop: HttpWorld) -> None:
    """
    Everything still drains, later: no reason to send students away.
    """
    shop.parts = {"database": "ok", "redis": "ConnectionError"}
    answer = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


async def test_without_the_database_it_is_unready(client: Client, shop: HttpWorld) -> None:
    """
    503 names the part that is missing.
    """
    shop.parts = {"database": "OSError", "redis": "ok"}
    answer = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["parts"]["database"] == "OSError"


async def test_start_and_stop_frame_the_process(shop: HttpWorld) -> None:
    """
    The door is started once before the first answer, and stopped once after the last.
    """
    async with shop.open() as client:
        await client.get("/health/live")
        assert (shop.started, shop.stopped) == (1, 0)

    assert (shop.started, shop.stopped) == (1, 1)
