"""``python -m entrypoints.simulator`` is ``shulk simulator``."""

from entrypoints.simulator.command import simulator

simulator(prog_name="simulator")
