"""Following a log: rotations of every kind, restarts and kills at any moment lose nothing and double nothing."""

import gzip
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from octui.intake.batches import Report
from octui.intake.follow import QUIET_S
from octui.intake.positions import plan_file, plan_log
from octui.intake.queue_log import QueueLog, RowBatch
from octui.schema.events import IntakeFile
from unit.log_readers import follow_queue_log, read_parts

START = 1_782_810_000


def numbered(number: int, second: int | None = None) -> bytes:
    return b"%d|c%d|q|PJSIP/7001|CONNECT|1|2|3\n" % (START + (number if second is None else second), number)


class Database:
    """What a server would keep: the IDs of the rows sent, and the position of each file by its head."""

    def __init__(self) -> None:
        self.calls: dict[str, str] = {}
        self.files: dict[str, IntakeFile] = {}
        self.sent = 0

    def commit(self, batch: RowBatch) -> None:
        self.sent += len(batch.rows)
        self.calls.update((row[2], row[4]) for row in batch.rows)
        assert batch.position is not None
        self.files[batch.position.head] = IntakeFile(**batch.position.model_dump(exclude={"after"}), at=0)

    def known(self) -> list[IntakeFile]:
        return list(self.files.values())

    def numbers(self) -> list[int]:
        return sorted(int(call[1:]) for call in self.calls.values())


class Log:
    """A folder with a log that is written and rotated. `compress`: rotated files at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "queue_log"
        self.written = 0
        self.second = 0
        self.file = self.path.open("ab")
        self.part = b""

    def append(self, count: int = 1, *, step: int = 1) -> None:
        for _ in range(count):
            self.second += step
            self.file.write(self.part + numbered(self.written, self.second))
            self.part = b""
            self.written += 1
        self.file.flush()

    def append_part(self) -> None:
        """Write half a line; the rest follows with the next line, which is the same one."""
        if self.part:
            return
        line = numbered(self.written, self.second + 1)
        self.second += 1
        self.file.write(line[:20])
        self.file.flush()
        self.part = line[20:]
        self.written += 1

    def finish_part(self) -> None:
        self.file.write(self.part)
        self.file.flush()
        self.part = b""

    def shift(self) -> None:
        """Make room for queue_log.1, as logrotate does."""
        for number in (3, 2, 1):
            for end in ("", ".gz"):
                old = self.path.with_name(f"queue_log.{number}{end}")
                if old.exists():
                    old.rename(self.path.with_name(f"queue_log.{number + 1}{end}"))

    def rename(self) -> None:
        """Rotate by renaming; the PBX goes on in the renamed file until `reopen`."""
        self.shift()
        self.path.rename(self.path.with_name("queue_log.1"))

    def create(self) -> None:
        self.path.touch()

    def reopen(self) -> None:
        self.finish_part()
        self.file.close()
        self.file = self.path.open("ab")

    def copy_and_truncate(self) -> None:
        self.finish_part()
        self.shift()
        shutil.copyfile(self.path, self.path.with_name("queue_log.1"))
        os.truncate(self.path, 0)

    def compress(self) -> None:
        for old in self.path.parent.glob("queue_log.[0-9]"):
            with gzip.open(f"{old}.gz", "wb") as packed:
                packed.write(old.read_bytes())
            old.unlink()


def steps(*actions: Callable[[], object]) -> Callable[[], bool]:
    """Return a `wait` that runs one action after another, then ends the following."""
    left = list(actions)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    return wait


def follow(database: Database, path: Path, *actions: Callable[[], object]) -> Report:
    """Follow a log from what the database knows while the actions happen, one each time its end is reached."""
    report = Report()
    for batch in follow_queue_log(path, known=database.known(), report=report).read(steps(*actions)):
        database.commit(batch)
    return report


def take(database: Database, path: Path) -> Report:
    """Take in a log once, with its rotated files."""
    report = Report()
    for batch in read_parts(plan_log(path, database.known()), report=report):
        database.commit(batch)
    return report


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path)
    log.append(3)
    yield log
    log.file.close()


def test_present_lines_are_given_before_it_waits(log: Log, database: Database) -> None:
    seen: list[int] = []
    follow(database, log.path, lambda: seen.append(database.sent))
    assert seen == [3]


def test_second_run_goes_on_behind_what_was_read(log: Log, database: Database) -> None:
    take(database, log.path)
    log.append(2)
    report = take(database, log.path)
    assert (database.sent, database.numbers()) == (5, [0, 1, 2, 3, 4])
    assert (report.files[0].begun, report.files[0].lines) == (3, 2)
    take(database, log.path)
    assert database.sent == 5


@pytest.mark.parametrize("run", [take, follow])
@pytest.mark.parametrize("rotate", ["rename", "copytruncate", "gz", "twice", "dateext"])
def test_rotation_while_nobody_followed_loses_nothing(
    log: Log, database: Database, rotate: str, run: Callable[[Database, Path], Report]
) -> None:
    run(database, log.path)
    log.append(3)
    if rotate == "copytruncate":
        log.copy_and_truncate()
    else:
        for _ in range(2 if rotate == "twice" else 1):
            log.rename()
            log.append()  # the PBX goes on in the renamed file
            log.reopen()
            log.append(2)
    if rotate == "gz":
        log.compress()
    if rotate == "dateext":
        log.path.with_name("queue_log.1").rename(log.path.with_name("queue_log-20260703"))
    log.append(2)
    report = run(database, log.path)
    assert database.numbers() == list(range(log.written))
    assert database.sent == log.written
    assert not report.gaps


@pytest.mark.parametrize("compress", [False, True])
def test_follow_goes_over_rotations_and_late_writers(log: Log, database: Database, compress: bool) -> None:
    follow(
        database,
        log.path,
        log.append,
        log.append_part,
        log.finish_part,
        log.rename,
        log.append,
        log.create,
        log.append,
        log.append_part,
        lambda: (log.finish_part(), log.append()),
        log.reopen,
        log.append,
        log.compress if compress else log.append,
        log.append,
        lambda: (log.rename(), log.reopen(), log.append(2), log.rename(), log.reopen(), log.append(2)),
        log.append,
        log.copy_and_truncate,
        log.append,
        lambda: (log.append(50), log.copy_and_truncate(), log.append(60)),
        log.append,
    )
    assert database.numbers() == list(range(log.written))
    assert database.sent == log.written


def test_lines_that_were_gone_before_they_were_read_are_told_with_their_times(log: Log, database: Database) -> None:
    take(database, log.path)
    log.append()
    log.path.unlink()
    log.reopen()
    assert not take(database, log.path).gaps  # nothing is there yet that could tell where it goes on
    log.append()
    (gap,) = take(database, log.path).gaps
    assert (gap.last, gap.next) == ((START + 3) * 1000, (START + 5) * 1000)
    assert not take(database, log.path).gaps


@pytest.mark.parametrize("name", ["queue_log.1", "queue_log-20260703", "export.csv"])
def test_file_that_is_another_one_each_time_is_no_gap(tmp_path: Path, database: Database, name: str) -> None:
    path = tmp_path / name
    for day in (3, 4):
        line = f"2026-07-0{day} 10:00:00,c{day},q,7001,CONNECT,1,2,3\n" if name == "export.csv" else ""
        path.write_bytes(line.encode() or numbered(day))
        assert not take(database, path).gaps
    assert database.numbers() == [3, 4]


def test_follow_tells_of_a_file_that_was_emptied_without_a_copy(log: Log, database: Database) -> None:
    report = follow(database, log.path, lambda: os.truncate(log.path, 0), log.append, log.append)
    (gap,) = report.gaps
    assert (gap.last, gap.next) == ((START + 3) * 1000, (START + 4) * 1000)
    assert database.numbers() == [0, 1, 2, 3, 4]


def test_replaced_file_is_let_go_when_it_is_quiet(log: Log) -> None:
    now = [0.0]

    def wait_long() -> None:
        now[0] += QUIET_S + 1

    follower = follow_queue_log(log.path, clock=lambda: now[0])
    rotate: Sequence[Callable[[], object]] = (lambda: (log.rename(), log.reopen()), log.append, wait_long, log.append)
    opened = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    during: list[int] = []
    list(follower.read(steps(*rotate, lambda: during.append(len(os.listdir("/proc/self/fd")) if opened else 1))))
    assert during == [opened + 1]


def test_changed_file_is_read_from_its_start(log: Log, database: Database) -> None:
    take(database, log.path)
    content = log.path.read_bytes()
    log.path.write_bytes(content.replace(b"|c1|", b"|c9|").replace(b"|c2|", b"|c8|"))
    take(database, log.path)
    assert database.numbers() == [0, 1, 2, 8, 9]


def test_shorter_file_with_the_same_head_is_read_from_its_start(log: Log, database: Database) -> None:
    log.append(5)
    take(database, log.path)
    log.path.write_bytes(numbered(0, 1) + numbered(70, 2))
    take(database, log.path)
    assert 70 in database.numbers()


def test_older_files_that_were_never_read_are_left_and_named(log: Log, database: Database) -> None:
    log.rename()
    log.reopen()
    log.append()
    plan = plan_log(log.path, [])
    assert [part.path.name for part in plan.parts] == ["queue_log"]
    assert [path.name for path in plan.unread] == ["queue_log.1"]
    take(database, log.path)
    assert plan_log(log.path, database.known()).unread == []


def test_other_files_beside_it_are_not_taken_for_rotated_ones(log: Log, database: Database) -> None:
    take(database, log.path)
    for name in ("queue_log.bak", "queue_log2", "queue_log.1.txt", "queue_log-notes"):
        log.path.with_name(name).write_bytes(numbered(99))
    log.rename()
    log.reopen()
    log.append()
    names = [part.path.name for part in plan_log(log.path, database.known()).parts]
    assert names == ["queue_log.1", "queue_log"]


def test_compressed_copy_that_is_not_complete_yet_is_not_preferred(log: Log, database: Database) -> None:
    take(database, log.path)
    log.append(2)
    log.rename()
    log.reopen()
    whole = gzip.compress(log.path.with_name("queue_log.1").read_bytes())
    log.path.with_name("queue_log.1.gz").write_bytes(whole[:30])
    take(database, log.path)
    assert database.numbers() == [0, 1, 2, 3, 4]


def test_again_reads_from_the_start_with_the_rotated_files(log: Log, database: Database) -> None:
    take(database, log.path)
    log.rename()
    log.reopen()
    log.append(2)
    take(database, log.path)
    plan = plan_log(log.path, database.known(), again=True)
    assert [(part.path.name, part.known) for part in plan.parts] == [("queue_log.1", None), ("queue_log", None)]
    for batch in read_parts(plan, report=Report()):
        database.commit(batch)
    assert (database.sent, database.numbers()) == (10, [0, 1, 2, 3, 4])


def test_rule_36_file_that_fills_in_is_read_again(log: Log, database: Database) -> None:
    take(database, log.path)
    known = [file.model_copy(update={"fills_in": True}) for file in database.known()]
    part = plan_file(log.path, known)
    assert (part.known, part.fills_in) == (None, True)


def test_state_of_another_version_is_no_obstacle(log: Log, database: Database) -> None:
    take(database, log.path)
    (known,) = database.known()
    reader = QueueLog(log.path, known=known.model_copy(update={"state": {"last": 5}}))
    assert sum(len(batch.rows) for batch in reader.read()) == 3


def run_randomly(seed: int, folder: Path) -> tuple[Database, Log]:
    """Write and rotate a log at random, while a follower runs and is killed at random, before or after a commit."""
    chance = random.Random(seed)
    database, log = Database(), Log(folder)
    log.append(chance.randrange(1, 4), step=chance.randrange(2))
    take(database, log.path)  # a log is known from its first run on
    in_renamed = [False]

    def write() -> None:
        log.append(chance.randrange(1, 5), step=chance.randrange(2))

    def write_part() -> None:
        log.append_part() if chance.random() < 0.5 else log.finish_part()

    def rename() -> None:
        if not in_renamed[0]:
            log.rename()
            in_renamed[0] = True

    def reopen() -> None:
        if in_renamed[0] and not log.path.exists():
            log.create()
        log.reopen()
        in_renamed[0] = False

    def truncate() -> None:
        if not in_renamed[0]:
            log.copy_and_truncate()

    def compress() -> None:
        if not in_renamed[0]:
            log.compress()

    actions = [write, write, write, write_part, rename, reopen, truncate, compress]
    for _ in range(chance.randrange(2, 6)):
        for _ in range(chance.randrange(4)):  # while nobody follows
            chance.choice(actions)()
        if not log.path.exists():
            reopen()
        doing = [chance.choice(actions) for _ in range(chance.randrange(12))]
        killed_after = chance.randrange(8)
        with closing(follow_queue_log(log.path, known=database.known()).read(steps(*doing))) as batches:
            for place, batch in enumerate(batches):
                if place == killed_after and chance.random() < 0.5:
                    break
                database.commit(batch)
                if place == killed_after:
                    break
    reopen()
    follow(database, log.path)
    log.file.close()
    return database, log


@pytest.mark.parametrize("seed", range(150))
def test_kills_and_rotations_at_random_lose_and_double_nothing(seed: int, tmp_path: Path) -> None:
    database, log = run_randomly(seed, tmp_path)
    assert database.numbers() == list(range(log.written))


def test_rule_50_a_log_read_to_its_end_gives_a_sign_of_life_every_ten_seconds(tmp_path: Path) -> None:
    log, now, signs = Log(tmp_path), [0.0], list[tuple[float, str]]()
    log.append(3)
    log.file.close()
    rounds = iter(range(20))

    def wait() -> bool:
        now[0] += 4
        number = next(rounds, None)
        if number == 8:
            log.path.rename(log.path.with_name("queue_log.1"))
            log.path.touch()  # nothing is written to the new file yet
        return number is not None

    with closing(follow_queue_log(log.path, clock=lambda: now[0]).read(wait)) as batches:
        for batch in batches:
            assert batch.position is not None
            if batch.rows:
                assert not batch.position.followed
            else:
                signs.append((now[0], batch.position.followed))
    assert {name for _, name in signs} == {str(log.path)}
    assert [at for at, _ in signs] == [0, 12, 24, 36, 48, 60, 72]


def test_a_log_without_a_line_gives_no_sign_of_life(tmp_path: Path) -> None:
    log, now = Log(tmp_path), [0.0]
    log.file.close()

    def wait() -> bool:
        now[0] += 4
        return now[0] < 60

    with closing(follow_queue_log(log.path, clock=lambda: now[0]).read(wait)) as batches:
        assert list(batches) == []
