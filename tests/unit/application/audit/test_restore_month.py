"""An archived month is restored beside the audit log, whole or not at all."""

import pytest

from contracts.audit.archive_contract import OCTOBER
from domain.audit.trail import TrailBroken
from domain.errors import NotFound
from unit.application.audit.test_archive_audit_log import lose, two_months
from worlds.archived_trail import NOVEMBER


async def test_a_month_is_restored_and_taken_away() -> None:
    """
    Twice is once; other months stay where they are.
    """
    trail = await two_months()
    await trail.drop_all()

    assert [await trail.restore(OCTOBER), await trail.restore(OCTOBER)] == [3, 3]
    assert [*await trail.memory.restored()] == [0, 1, 2]
    assert [each["subject"] for each in (await trail.memory.restored()).values()] == [
        "SK1",
        "SK2",
        "SK1",
    ]
    assert await trail.restore.remove(OCTOBER) == 3
    assert await trail.memory.restored() == {}


async def test_a_month_that_was_not_read_back_is_not_there() -> None:
    """
    One that is only exported, and one that nobody archived.
    """
    trail = await two_months()
    await trail.archive()

    for month in (OCTOBER, NOVEMBER):
        with pytest.raises(NotFound):
            await trail.restore(month)


@pytest.mark.parametrize("loss", ["gone", "damaged", "bent"])
async def test_a_file_that_is_not_what_was_sealed_is_not_restored(loss: str) -> None:
    """
    Not a line of it; and whoever verifies the trail is told the same.
    """
    trail = await two_months()
    await trail.drop_all()
    if loss == "bent":
        (file, *_) = trail.shelf.files
        month, _ = await trail.register.months()
        assert file == month.manifest.sha256
        trail.files = trail.shelf
        bent = trail.shelf.files[file].replace(b'"SK2"', b'"SK9"')
        other = await trail.shelf.put(bent)
        trail.shelf.files[file] = trail.shelf.files[other]
    else:
        lose(trail, loss)

    with pytest.raises(TrailBroken):
        await trail.restore(OCTOBER)
    with pytest.raises(TrailBroken):
        await trail.verify()
    assert await trail.memory.restored() == {}
