"""``python -m entrypoints.simulator`` is ``shulk simulator``."""

import os
import sys

from entrypoints.simulator.command import simulator

try:
    simulator(prog_name="simulator")
except SystemExit as end:
    # All is closed by now; the server's native threads have been seen to abort the process when
    # they meet an interpreter that is taking itself apart.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(end.code if isinstance(end.code, int) else 0)
