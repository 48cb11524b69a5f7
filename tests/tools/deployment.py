"""A deployment as an operator has it: PostgreSQL, Prefect's server on it, a process worker, `prefect deploy --all`.

Everything is real, on free local ports, in a folder of its own; every process can be killed and started again.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

T = TypeVar("T")

BIN = Path(sys.executable).parent

POOL = "gapindex-pool"


def postgres_programs() -> Path | None:
    """The folder with Debian's PostgreSQL programs, newest first; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    return found[-1].parent if found else None


def free_port() -> int:
    """A free local port that no connection is given as its own: a server killed and started again finds it free."""
    while True:
        port = random.randrange(10_000, _first_own_port())
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _first_own_port() -> int:
    """The least port that the system gives to outgoing connections."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("utf-8").split()[0])
    except OSError:
        return 32_768


def wait_for(question: Callable[[], T | None], what: str, seconds: float = 600) -> T:
    """The first answer that is true; AssertionError where none comes in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.3)
    raise AssertionError(f"{what}: not within {seconds:g} s")


class Postgres:
    """PostgreSQL in ``folder``, without fsync; ``address`` is what Prefect's server takes."""

    def __init__(self, folder: Path) -> None:
        programs = postgres_programs()
        assert programs is not None
        self._programs, self._folder, self.port = programs, folder, free_port()
        self._owner = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        if self._owner:
            shutil.chown(folder, self._owner)
        self._call("initdb", "--auth=trust", "--username=prefect", "--no-sync", "--locale=C", "--encoding=UTF8")
        self.address = f"postgresql+asyncpg://prefect@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c fsync=off"
        self._call(
            "pg_ctl", "--wait", "--timeout=300", "--log", str(self._folder / "log"), "--options", options, "start"
        )

    @property
    def alive(self) -> bool:
        """Whether its server answers."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """Ends its first process by SIGKILL; the others end when they notice.

        A process that nobody has waited for yet runs in no folder any more, and keeps another one from starting.
        """
        first = int((self._folder / "db" / "postmaster.pid").read_text("utf-8").split()[0])
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not (Path(f"/proc/{first}").exists() or self._processes()), "PostgreSQL has ended", 120)

    def _processes(self) -> list[int]:
        """Ids of its processes: they all run in its folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self._folder / "db":
                    found.append(int(process.name))
        return found

    def end(self) -> None:
        with suppress(subprocess.CalledProcessError):  # it does not run
            self._call("pg_ctl", "--wait", "--mode=immediate", "stop")
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _call(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "db"), *words]
        subprocess.run(
            command,
            check=True,
            user=self._owner,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class Process:
    """A process with its children, in a group of its own."""

    def __init__(self, command: list[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, env=env, cwd=cwd, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def group(self) -> int:
        """The id of its group of processes."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process alone, as ``kill`` does."""
        self._process.send_signal(number)

    def ended_within(self, seconds: float) -> bool:
        """Whether the process ends by then."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.ended

    def kill(self) -> None:
        """Ends the group as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends the group by SIGTERM, then, where that is not enough, as a service manager does: by SIGKILL."""
        os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self.kill()


class Deployment:
    """One installation in ``folder``, with ``env`` added to the environment of all its processes."""

    def __init__(self, folder: Path, database: str, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "GAPINDEX_"))
        }
        self.env = {
            **inherited,
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.api,
            "PREFECT_API_DATABASE_CONNECTION_URL": database,
            "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1S",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "3",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "PREFECT_RUNNER_POLL_FREQUENCY": "2",
            **env,
        }
        self.server: Process | None = None
        self.worker: Process | None = None

    def start_server(self) -> None:
        command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        self.server = Process(command, self.env, self.folder, self.folder / "server.log")
        wait_for(self._healthy, "the server answers")

    def start_worker(self) -> None:
        command = [str(BIN / "prefect"), "worker", "start", "--pool", POOL, "--type", "process"]
        self.worker = Process(command, self.env, self.folder, self.folder / "worker.log")

    def prefect(self, *words: str) -> str:
        """What ``prefect WORDS`` prints."""
        done = subprocess.run(
            [str(BIN / "prefect"), "--no-prompt", *words], env=self.env, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def end(self) -> None:
        """Ends worker, server and flows; a flow is in a group of its own and may outlive its worker."""
        for process in (self.worker, self.server):
            if process is not None:
                process.kill()
        for flow in self._with_our_environment():
            with suppress(ProcessLookupError):
                os.kill(flow, signal.SIGKILL)

    def _with_our_environment(self) -> list[int]:
        """Ids of the processes that were given the folder of this deployment."""
        mark, found = f"PREFECT_HOME={self.folder / 'prefect'}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return found

    def _healthy(self) -> bool:
        log = self.folder / "server.log"
        assert self.server is not None and not self.server.ended, log.read_text("utf-8")[-2000:]
        try:
            with urlopen(f"{self.api}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
