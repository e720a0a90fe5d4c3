"""Run a command on a throw-away Postgres of the release that Debian installed: `with_postgres 15 COMMAND …`.

The server listens on a socket in its own folder alone, and DATABASE_URL names it. Exit code: the command's; 77 where
that release is not installed (`apt-get install postgresql-15`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

NOT_INSTALLED = 77
#: Who runs it where we are root, as Postgres refuses to.
USER = "postgres"


def programs(release: str) -> Path | None:
    """The folder with `initdb` and `pg_ctl`."""
    folder = Path(f"/usr/lib/postgresql/{release}/bin")
    return folder if (folder / "pg_ctl").exists() else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server whose programs lie in `folder`, as long as the block lasts; its URL."""
    place = Path(tempfile.mkdtemp(prefix="postgres-"))
    as_user = {"user": USER, "group": USER} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(place, USER, pwd.getpwnam(USER).pw_gid)

    def call(program: str, *arguments: str) -> None:
        command = [folder / program, "-D", place / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=place, **as_user)  # type: ignore[call-overload]

    call("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")
    # The log is where the embedded server has its own, so that the tests find it.
    call("pg_ctl", "-w", "-l", str(place / "data" / "log"), "-o", f"-h '' -k {place} -c max_connections=100", "start")
    try:
        yield f"postgresql://postgres:@/postgres?host={quote(str(place), safe='')}"
    finally:
        call("pg_ctl", "-w", "-m", "fast", "stop")
        shutil.rmtree(place, ignore_errors=True)


def main(release: str, *command: str) -> int:
    """Run the command; returns its exit code."""
    folder = programs(release)
    if folder is None:
        print(f"PostgreSQL {release} is not installed: apt-get install postgresql-{release}", file=sys.stderr)
        return NOT_INSTALLED
    with running(folder) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
