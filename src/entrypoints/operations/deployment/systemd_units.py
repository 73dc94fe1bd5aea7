"""systemd units for the processes of an installation, each shut in as far as it bears."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from entrypoints.settings.settings import VARIABLES

_SHUTDOWN: Final = next(each for each in VARIABLES if each.name == "SHULK_SHUTDOWN_SECONDS")
STOP_SECONDS: Final = int(_SHUTDOWN.default or 0) + 20
"""systemd kills what has not ended by then; a process takes as long as its setting says, and a little to close."""

SHUT_IN: Final = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
IPAddressDeny=link-local multicast
LimitNOFILE=65536
MemoryMax=1G
TasksMax=256
UMask=0077
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the programs, the settings and the secrets of an installation are, and who runs it."""

    programs: Path = Path("/opt/shulk/current/bin")
    settings: Path = Path("/etc/shulk/shulk.env")
    secrets: Path = Path("/etc/shulk/secrets")
    user: str = "shulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    """*words* follow the program; each of *secrets* is a file of that name, in the setting that it belongs to."""

    about: str
    words: str
    secrets: Mapping[str, str]
    environment: Sequence[str] = ()
    runtime: str = ""


_CIPHER: Final = {"cipher-keys": "SHULK_CIPHER_KEYS_FILE"}
_AUDIT: Final = {"audit-key": "SHULK_AUDIT_KEY_FILE"}
_PROCESSES: Final[Mapping[str, _Process]] = {
    "shulk-api@.service": _Process(
        about="Shulk: API and pages, on port %i",
        words="serve",
        secrets={**_CIPHER, **_AUDIT},
        environment=("SHULK_PORT=%i",),
    ),
    "shulk-worker@.service": _Process(
        about="Shulk: worker %i",
        words="worker",
        secrets={**_CIPHER, **_AUDIT},
        environment=("SHULK_HEALTH_FOLDER=%t/shulk-worker-%i",),
        runtime="shulk-worker-%i",
    ),
    "shulk-scheduler.service": _Process(
        about="Shulk: scheduler",
        words="scheduler",
        secrets=_CIPHER,
        environment=("SHULK_HEALTH_FOLDER=%t/shulk-scheduler",),
        runtime="shulk-scheduler",
    ),
}


def systemd_units(installation: Installation) -> Mapping[str, str]:
    """Return the text of each unit by the name of its file."""
    return {
        **{name: _service(process, installation) for name, process in _PROCESSES.items()},
        "shulk.target": (
            "[Unit]\nDescription=Shulk: all of its processes\n\n[Install]\nWantedBy=multi-user.target\n"
        ),
    }


def _service(process: _Process, installation: Installation) -> str:
    runtime = f"RuntimeDirectory={process.runtime}\n" if process.runtime else ""
    credentials = "".join(
        f"LoadCredential={name}:{installation.secrets / name}\nEnvironment={setting}=%d/{name}\n"
        for name, setting in process.secrets.items()
    )
    environment = "".join(f"Environment={each}\n" for each in process.environment)
    return (
        f"[Unit]\nDescription={process.about}\nAfter=network-online.target\nWants=network-online.target\n"
        f"PartOf=shulk.target\n\n"
        f"[Service]\nType=exec\nUser={installation.user}\n"
        f"ExecStart={installation.programs / 'shulk'} {process.words}\n"
        f"EnvironmentFile={installation.settings}\n{environment}{credentials}"
        f"Restart=on-failure\nRestartSec=2\nTimeoutStopSec={STOP_SECONDS}\nKillMode=mixed\n"
        f"StateDirectory=shulk\n{runtime}LogRateLimitIntervalSec=0\n{SHUT_IN}\n"
        f"[Install]\nWantedBy=shulk.target\n"
    )
