"""Spark on two executors, one of which is killed while the job runs: every page comes out, and each once.

    spark_kill.py --dehusk PROGRAM [--pages 120] [--folder FOLDER]

Twice: pages as lines of JSON through `rdd.pipe`, and web archives through the wheel. Pages that panic and pages without
end are among them where program and wheel are builds for tests.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import corpus

#: Tasks of each job, and how many of them are done before an executor is killed.
TASKS, TASKS_BEFORE_KILL = 16, 3
#: How long each task waits before it begins, in seconds, so that the kill falls into the job.
PACE = 0.4
#: How long something may take before the proof fails, in seconds.
PATIENCE = 300
#: How long a page may take, in seconds.
PAGE_SECONDS_MAX = 5


def session() -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("dehusk")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.executor.memory": "700m",
        "spark.driver.bindAddress": "127.0.0.1",
        # The killed executor is told by its connection; a slow machine is not.
        "spark.network.timeout": "300s",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def executors(application: str) -> list[int]:
    """The processes of an application's executors."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            is_executor = b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in command
            if is_executor and command[0].endswith(b"java") and application.encode() in command:
                found.append(int(folder.name))
    return sorted(found)


class Killer(threading.Thread):
    """Kills one executor as soon as a few tasks are committed and others are not."""

    def __init__(self, application: str, out: Path) -> None:
        super().__init__(daemon=True)
        self.application, self.out = application, out
        self.killed: int | None = None
        self.committed = 0

    def run(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.committed = len(list(self.out.glob("_temporary/*/task_*")))
            if self.committed >= TASKS_BEFORE_KILL:
                running = executors(self.application)
                if running:
                    os.kill(running[0], signal.SIGKILL)
                    self.killed = running[0]
                return
            time.sleep(0.02)


def killed_in(spark: Any, out: Path, job: Callable[[], None], what: str) -> None:
    """Runs a job while an executor is killed, and makes sure that it was, in the middle."""
    killer = Killer(spark.sparkContext.applicationId, out)
    killer.start()
    job()
    killer.join()
    if killer.killed is None or killer.committed >= TASKS:
        raise SystemExit(f"{what}: no executor was killed while the job ran ({killer.committed} tasks were done)")
    if not (out / "_SUCCESS").exists():
        raise SystemExit(f"{what}: there is no _SUCCESS")
    print(f"{what}: executor {killer.killed} killed after {killer.committed} of {TASKS} tasks, _SUCCESS")


def paced(rows: Iterator[Any]) -> Iterator[Any]:
    time.sleep(PACE)
    yield from rows


def through_pipe(spark: Any, every: list[corpus.Page], program: str, folder: Path) -> None:
    out = folder / "pipe-texts"
    lines = spark.sparkContext.parallelize([corpus.line(page) for page in every], TASKS)
    command = f"{shlex.quote(program)} pipe"
    killed_in(
        spark,
        out,
        lambda: lines.mapPartitions(paced).pipe(command, checkCode=True).saveAsTextFile(str(out)),
        "pages through `dehusk pipe`",
    )
    records = [json.loads(text) for part in out.glob("part-*") for text in part.read_text().splitlines()]
    corpus.accounted(every, [record["id"] for record in records], "pages through `dehusk pipe`")
    faults({record["id"]: record["error"]["code"] for record in records if "error" in record})


def through_wheel(spark: Any, every: list[corpus.Page], folder: Path) -> None:
    from dehusk.spark import ARCHIVE_SCHEMA, clean_archives

    corpus.write_archives(every, folder / "archives", TASKS)
    out = folder / "wheel-texts"
    paths = [(str(path),) for path in sorted((folder / "archives").iterdir())]
    clean = clean_archives(page_seconds_max=PAGE_SECONDS_MAX)
    frame = spark.createDataFrame(spark.sparkContext.parallelize(paths, TASKS), "path string")
    cleaned = frame.mapInArrow(lambda batches: clean(paced(batches)), ARCHIVE_SCHEMA)
    killed_in(spark, out, lambda: cleaned.write.json(str(out)), "archives through the wheel")
    records = [json.loads(text) for part in out.glob("part-*") for text in part.read_text().splitlines()]
    corpus.accounted(every, [corpus.id_of(record["id"]) for record in records], "archives through the wheel")
    faults({corpus.id_of(record["id"]): record["error"].split(":")[0] for record in records if "error" in record})


def faults(found: dict[str, str]) -> None:
    """Only pages that ask for a fault have one, and each has the one that it asks for."""
    print("  pages with an error:", found or "none")
    for name, code in found.items():
        wanted = {"poisoned-panic": "panic", "poisoned-hang": "timed-out"}
        if name.startswith("poisoned") and wanted[name] != code or not name.startswith("poisoned"):
            raise SystemExit(f"{name}: {code} was not to be expected")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dehusk", help="the program; without it only the wheel is tried")
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--poison-pipe", action="store_true", help="the program is a build for tests")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    from dehusk._dehusk import POISON

    poison = [corpus.poisoned("panic"), corpus.poisoned("hang")]
    every = corpus.pages(options.pages)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        spark = session()
        try:
            if options.dehusk:
                through_pipe(spark, every + poison * options.poison_pipe, options.dehusk, Path(folder).resolve())
            through_wheel(spark, every + poison * POISON, Path(folder).resolve())
        finally:
            spark.stop()


if __name__ == "__main__":
    main()
