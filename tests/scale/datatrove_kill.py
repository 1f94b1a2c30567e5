"""datatrove whose process is killed in the middle: the same command run again completes the work, and no page is missing.

    datatrove_kill.py [--pages 120] [--folder FOLDER]

datatrove waits for ever for a worker that was killed, so that the whole run is ended too, as an operator would; what it
had finished is not done again. Pages that panic and pages without end come out with an error where the wheel is a build
for tests.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus

TASKS, TASKS_BEFORE_KILL = 12, 3
#: How long each page takes at least, in seconds, so that the kill falls into the work.
PACE = 0.05
#: How long a page may take, in seconds.
PAGE_SECONDS_MAX = 5
#: How long something may take before the proof fails, in seconds.
PATIENCE = 300


def work(folder: Path, *, archives: bool) -> None:
    """The command that is killed and run again."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from dehusk.datatrove import DehuskExtractor, DehuskWarcReader

    def paced(data, rank=0, world_size=1):  # type: ignore[no-untyped-def]
        for document in data:
            time.sleep(PACE)
            yield document

    reader = (
        [DehuskWarcReader(str(folder / "archives"), cleaner={"page_seconds_max": PAGE_SECONDS_MAX})]
        if archives
        else [JsonlReader(str(folder / "lines"), text_key="html"), DehuskExtractor(page_seconds_max=PAGE_SECONDS_MAX)]
    )
    steps = [*reader, paced, JsonlWriter(str(folder / "texts"), compression=None)]
    LocalPipelineExecutor(steps, tasks=TASKS, workers=2, logging_dir=str(folder / "logs")).run()


def finished(folder: Path) -> int:
    return len(list((folder / "logs" / "completions").glob("*")))


def workers(group: int) -> list[int]:
    """The processes of a run that clean pages: those that hold an output file open."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                open_files = [os.readlink(file) for file in (process / "fd").iterdir()]
                if os.getpgid(int(process.name)) == group and any("/texts/" in file for file in open_files):
                    found.append(int(process.name))
            except OSError:
                continue
    return sorted(found)


def proved(every: list[corpus.Page], folder: Path, *, archives: bool, what: str) -> None:
    write, name = (corpus.write_archives, "archives") if archives else (corpus.write_lines, "lines")
    write(every, folder / name, TASKS)
    command = [sys.executable, __file__, "--work", str(folder), *["--archives"][: int(archives)]]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
    deadline = time.monotonic() + PATIENCE
    # Between two looks a worker may end.
    while not (finished(folder) >= TASKS_BEFORE_KILL and (at_work := workers(run.pid))):
        if time.monotonic() > deadline or run.poll() is not None:
            raise SystemExit(f"{what}: there was nothing left to kill")
        time.sleep(0.02)
    worker = at_work[0]
    os.kill(worker, signal.SIGKILL)
    # What the other worker does until it is ended too counts; the run itself never ends.
    time.sleep(1)
    done = finished(folder)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    print(f"{what}: worker {worker} killed, {done} of {TASKS} tasks were done")
    subprocess.run(command, check=True, timeout=PATIENCE, **quiet)  # type: ignore[call-overload]
    texts = [json.loads(line) for path in (folder / "texts").iterdir() for line in path.read_text().splitlines()]
    corpus.accounted(every, [corpus.id_of(page["id"]) for page in texts], f"{what}, run again")
    errors = {page["id"]: page["metadata"]["dehusk_error"]["code"] for page in texts if "dehusk_error" in page["metadata"]}
    print("  pages with an error:", errors or "none")
    if sorted(map(corpus.id_of, errors)) != sorted(page.id for page in every if page.id.startswith("poisoned")):
        raise SystemExit(f"{what}: errors were not to be expected")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--archives", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, archives=options.archives)
        return
    from dehusk._dehusk import POISON

    poison = [corpus.poisoned("panic"), corpus.poisoned("hang")] * POISON
    every = corpus.pages(options.pages)
    # datatrove's documents are strings: other charsets come in web archives alone.
    texts = [page for page in every if "html" in json.loads(corpus.line(page))]
    for archives, some in ((False, texts), (True, every)):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            what = "datatrove with web archives" if archives else "datatrove with lines of JSON"
            proved(some + poison, Path(folder).resolve(), archives=archives, what=what)


if __name__ == "__main__":
    main()
