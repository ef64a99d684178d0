# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever happens to the journal's file, the jobs in it are read as far as they can be, and jobs go on."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from long_journal import make_journal
from made_jobs import make_job

from sam3d.jobs.journal import Journal
from sam3d.jobs.ledger import Ledger
from sam3d.jobs.model import State

JOBS = 60
PAGE = 4096
INTERIOR, LEAF, INDEX = 0x05, 0x0D, 0x0A
Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of so many jobs, in one file."""
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite3"
    make_journal(path, JOBS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def overwrite(begin: int, length: int) -> Damage:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[begin : begin + length] = b"\xa5" * length
        path.write_bytes(content)

    return damage


def overwrite_page(kind: int, which: int = 0) -> Damage:
    def damage(path: Path) -> None:
        content = path.read_bytes()
        pages = [begin for begin in range(PAGE, len(content), PAGE) if content[begin] == kind]
        overwrite(pages[which], PAGE)(path)

    return damage


def cut(share: float) -> Damage:
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


FULL_DISK = """
import resource, sys
from pathlib import Path
from made_jobs import make_job
from sam3d.jobs import journal_file
from sam3d.jobs.journal import Journal
path = Path(sys.argv[1])
journal = Journal(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    journal.write([make_job(path.parent, str(number)) for number in range(50)], "me")
except Exception as error:
    print(type(error).__name__, journal_file.may_be_damage(error), journal_file.is_damaged(path))
"""


READ_AT_ONCE = """
import sys
from pathlib import Path
from sam3d.jobs.journal import Journal
print("about to look", flush=True)
sys.stdin.readline()
print(len(Journal(Path(sys.argv[1])).read(999)))
"""


def in_other_process(script: str, path: Path) -> "subprocess.Popen[str]":
    """A script of the tests, about the journal at `path`."""
    tests = Path(__file__).resolve().parent
    places = [tests.parents[1] / "build" / "python", tests.parent, tests]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="needs a file size limit of POSIX")
def test_a_full_disk_is_no_damage(tmp_path: Path, whole: Path) -> None:
    """Nothing may grow any more: the journal stays where it is, with all that is in it."""
    path = tmp_path / "journal.sqlite3"
    shutil.copy(whole, path)
    with in_other_process(FULL_DISK, path) as blender:
        told = blender.communicate(timeout=60)[0].split()
    assert blender.returncode == 0
    assert told == ["OperationalError", "False", "False"]
    assert len(Journal(path).read(JOBS)) == JOBS
    assert not list(tmp_path.glob("*broken*"))


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("else")


@pytest.mark.parametrize(
    ("damage", "least"),
    [
        pytest.param(overwrite(0, 100), JOBS, id="header"),
        pytest.param(overwrite(0, PAGE), JOBS, id="header and schema"),
        pytest.param(overwrite(100, PAGE - 100), JOBS, id="schema"),
        pytest.param(overwrite_page(INTERIOR), JOBS, id="interior"),
        pytest.param(overwrite_page(INDEX), JOBS, id="index"),
        pytest.param(overwrite_page(LEAF, 3), JOBS - 8, id="leaf"),
        pytest.param(cut(0.5), 10, id="truncated"),
        pytest.param(cut(0.0), 0, id="zero length"),
        pytest.param(lambda path: path.write_bytes(b"no database" * 999), 0, id="garbage"),
        pytest.param(directory, 0, id="directory"),
    ],
)
def test_what_can_be_read_is_kept_and_jobs_go_on(whole: Path, tmp_path: Path, damage: Damage, least: int) -> None:
    path = Path(shutil.copy(whole, tmp_path / "journal.sqlite3"))
    before = {job.id: job for job in Journal(path).read(limit=JOBS)}
    damage(path)
    journal = Journal(path)
    after = {job.id: job for job in journal.read(limit=JOBS)}
    assert least <= len(after) <= JOBS
    assert after.items() <= before.items()
    (kept,) = tmp_path.glob("journal-broken-*.sqlite3")
    assert journal.trouble.startswith("The list of jobs was damaged and was put together anew")
    assert f"({len(after)} jobs)" in journal.trouble
    assert kept.name in journal.trouble
    journal.write([make_job(tmp_path, "new", State.FAILED)], "")
    Ledger(path).enter("new", "WAVESPEED", "OBJECT", 0.02, 0.0)
    again = Journal(path)
    assert again.trouble == ""
    assert {job.id for job in again.read(limit=JOBS + 1)} == {*after, "new"}


@pytest.mark.parametrize("points_at", ["a leaf", "an index", "nowhere"])
def test_a_damaged_list_of_free_pages_takes_no_jobs_away(whole: Path, tmp_path: Path, points_at: str) -> None:
    path = Path(shutil.copy(whole, tmp_path / "journal.sqlite3"))
    with closing(sqlite3.connect(path)) as connection, connection:
        deleted = {row[0] for row in connection.execute("SELECT id FROM jobs ORDER BY rowid LIMIT 20")}
        connection.executemany("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id in deleted])
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    left = {job.id: job for job in Journal(path).read(limit=JOBS)}
    assert len(left) == JOBS - len(deleted)
    content = bytearray(path.read_bytes())
    kinds = [content[begin] for begin in range(0, len(content), PAGE)]
    first = {"a leaf": kinds.index(LEAF, 1) + 1, "an index": kinds.index(INDEX) + 1, "nowhere": 0x7FFFFFFF}
    content[32:36] = first[points_at].to_bytes(4, "big")
    path.write_bytes(content)
    overwrite_page(INTERIOR)(path)  # so that it has to be put together anew
    after = {job.id: job for job in Journal(path).read(limit=JOBS)}
    assert left.items() <= after.items()


def test_two_blenders_mend_it_once(whole: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(whole, tmp_path / "journal.sqlite3"))
    overwrite(0, PAGE)(path)
    blenders = [in_other_process(READ_AT_ONCE, path) for _ in range(4)]
    for blender in blenders:
        assert blender.stdout is not None
        assert blender.stdout.readline() == "about to look\n"
    for blender in blenders:
        assert blender.stdin is not None
        blender.stdin.write("\n")
        blender.stdin.flush()
    assert [blender.communicate(timeout=60)[0].split() for blender in blenders] == [[str(JOBS)]] * 4
    assert len(list(tmp_path.glob("journal-broken-*.sqlite3"))) == 1


def test_the_spending_is_salvaged_too(whole: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(whole, tmp_path / "journal.sqlite3"))
    spent = Ledger(path).spent(14)
    overwrite(0, PAGE)(path)
    assert Ledger(Journal(path).path).spent(14) == spent


def test_what_only_the_log_has_is_salvaged(tmp_path: Path) -> None:
    """A killed Blender leaves the newest pages in the log beside the file."""
    live = tmp_path / "live" / "journal.sqlite3"
    make_journal(live, 20)
    with closing(sqlite3.connect(live)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM jobs").fetchone()
        Journal(live).write([make_job(tmp_path, "newest", State.FAILED)], "")
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{tmp_path / 'journal.sqlite3'}{suffix}")
    path = tmp_path / "journal.sqlite3"
    overwrite(0, 100)(path)
    overwrite_page(INTERIOR)(path)
    journal = Journal(path)
    assert "newest" in {job.id for job in journal.read(limit=99)}


def test_columns_and_tables_of_a_newer_version_stay(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    job = make_job(tmp_path, "old", State.FAILED)
    Journal(path).write([job], "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE jobs ADD COLUMN stars TEXT NOT NULL DEFAULT 'none'")
        connection.execute("ALTER TABLE runs ADD COLUMN tax REAL")
        connection.execute("CREATE TABLE friends (name TEXT)")
        connection.execute("UPDATE jobs SET stars = 'five'")
    journal = Journal(path)
    assert (journal.path, journal.trouble) == (path, "")
    journal.write([job, make_job(tmp_path, "new", State.FAILED)], "")
    assert journal.claim(job, "a Blender", lambda _owner: False)
    Ledger(path).enter("new", "WAVESPEED", "OBJECT", 0.02, 0.0)
    assert {each.id for each in journal.read()} == {"old", "new"}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id, stars FROM jobs ORDER BY id").fetchall() == [
            ("new", "none"),
            ("old", "five"),
        ]


def test_a_newer_version_keeps_its_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    Journal(path).write([make_job(tmp_path, "theirs", State.FAILED)], "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    journal = Journal(path)
    assert "is of a newer version" in journal.trouble
    journal.write([make_job(tmp_path, "ours", State.FAILED)], "")
    assert {job.id for job in Journal(path).read()} == {"theirs", "ours"}
    assert path.read_bytes() == before
