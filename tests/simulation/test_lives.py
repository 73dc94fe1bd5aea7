"""Whole lives: they go well, and the same seed is the same life."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from simulation.life import Ended, House
from simulation.plan import Plan, drawn_plan
from simulation.shrinking import shrunk

SEEDS = range(1, 13)
REPLAYED = 8
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def house() -> House:
    return House()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_life_goes_well(house: House, seed: int) -> None:
    """
    Money, courses and emails are as they must be, whatever failed on the way.
    """
    ended = house.live(drawn_plan(seed))
    assert ended.wrong == (), "\n".join(ended.story)


def test_the_same_seed_tells_the_same_story_byte_for_byte(house: House) -> None:
    """
    Another life in between changes nothing.
    """
    first = house.live(drawn_plan(REPLAYED))
    house.live(drawn_plan(REPLAYED + 1))
    assert house.live(drawn_plan(REPLAYED)).story == first.story


def test_what_is_left_out_does_not_happen(house: House) -> None:
    """
    A visit without which a life is lived does not come about.
    """
    plan = drawn_plan(REPLAYED)
    visits = [each.name for each in plan.visits]
    ended = house.live(replace(plan, left_out=frozenset(visits)))
    assert not any("wants" in line for line in ended.story)


def test_a_life_that_goes_wrong_is_shrunk_to_what_it_needs(house: House) -> None:
    """
    Of a life that is called wrong because of its first visit nothing but that visit is left.
    """

    def live(plan: Plan) -> Ended:
        ended = house.live(plan)
        wants = any(each.name == "visit 1" for each in plan.events())
        return replace(ended, wrong=("the first visit came about",) if wants else ())

    small = shrunk(live(drawn_plan(REPLAYED)), live)
    assert small.left == ("visit 1",)


@pytest.mark.thorough
@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_a_story_is_the_same_in_another_process(house: House, hash_seed: str) -> None:
    """
    Neither the order of sets nor what ran before has a say.
    """
    environ = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(map(str, (TESTS, TESTS.parent / "src"))),
    }
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "simulation", str(REPLAYED)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[:-1] == list(house.live(drawn_plan(REPLAYED)).story)
