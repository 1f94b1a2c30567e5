"""What a page costs on each way, in one run, interleaved so that a busy machine slows all of them alike.

    figures.py --dehusk PROGRAM [--pages 300] [--rounds 5] [--folder FOLDER] [--json FILE]

CPU is what the processes of a way used, user and system, of this machine's cores: start, reading and writing included.
Ratios are to `dehusk clean` in the same round; shown is their median. Throughput is by the clock on the wall and only worth
something on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import corpus

#: Workers whose memory and throughput are measured.
JOBS = (1, 2, 4, 8)
#: Pages of the worked example.
EXAMPLE_PAGES = 100_000_000


@dataclass
class Cost:
    """CPU and time on the wall, in seconds, and the largest process, in bytes."""

    cpu: float
    wall: float
    memory: int


def high_water(process: int, highest: list[int]) -> None:
    """Looks at the largest size of a process until it ends. What the kernel tells at its end would hold that of this program
    too, from before the other one took its place."""
    while True:
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            return
        sizes = [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        if not sizes:
            return
        highest += sizes
        time.sleep(0.01)


def measured(
    command: list[str],
    cwd: Path,
    feed: Callable[[subprocess.Popen[bytes]], None] | None = None,
    watched: bool = False,
) -> Cost:
    """Runs a command; what feeds it counts too. Its memory is told where it is watched, which costs a little itself."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    started = time.monotonic()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} if feed else {"stdout": subprocess.DEVNULL}
    run = subprocess.Popen(command, cwd=cwd, **pipes)  # type: ignore[call-overload]
    highest: list[int] = []
    watch = threading.Thread(target=high_water, args=(run.pid, highest))
    if watched:
        watch.start()
    if feed:
        feed(run)
    _, status, used = os.wait4(run.pid, 0)
    if watched:
        watch.join()
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode != 0:
        raise SystemExit(f"{command} ended with {run.returncode}")
    after = resource.getrusage(resource.RUSAGE_SELF)
    fed = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime if feed else 0.0
    return Cost(used.ru_utime + used.ru_stime + fed, time.monotonic() - started, max(highest, default=0))


class Bench:
    """The pages in every form, and the ways to clean them."""

    def __init__(self, program: str, folder: Path, pages: list[corpus.Page]) -> None:
        self.program, self.folder = program, folder
        (folder / "dehusk.toml").write_text("")
        (folder / "pages").mkdir()
        for page in pages:
            (folder / "pages" / f"{page.id}.html").write_bytes(page.body)
        corpus.write_lines(pages, folder / "lines", 1)
        corpus.write_archives(pages, folder / "archives", 1)
        self.sources = [(page.id, page.body.decode("utf-8", "replace")) for page in pages]

    def clean(self, jobs: int = 1, watched: bool = False) -> Cost:
        command = [self.program, "clean", "pages", "--out", "texts", "--jobs", str(jobs), "--force", "--metadata"]
        return measured(command, self.folder, watched=watched)

    def pipe(self, jobs: int = 1, watched: bool = False) -> Cost:
        line = f'exec "$0" pipe --jobs {jobs} < lines/0000.jsonl > out.jsonl'
        return measured(["sh", "-c", line, self.program], self.folder, watched=watched)

    def warc(self) -> Cost:
        return measured([self.program, "warc", "--jobs", "1", "archives/0000.warc.gz"], self.folder)

    def fed_pipe(self, dumps: Callable[[object], bytes], loads: Callable[[bytes], object]) -> Cost:
        def feed(run: subprocess.Popen[bytes]) -> None:
            def write() -> None:
                assert run.stdin
                for name, html in self.sources:
                    run.stdin.write(dumps({"id": name, "html": html}) + b"\n")
                run.stdin.close()

            writer = threading.Thread(target=write)
            writer.start()
            assert run.stdout
            count = sum(1 for line in run.stdout if loads(line))
            writer.join()
            assert count == len(self.sources)

        return measured([self.program, "pipe", "--jobs", "1"], self.folder, feed)

    def wheel(self) -> Cost:
        program = """
import sys, pathlib, dehusk
cleaner = dehusk.Cleaner()
for path in sorted(pathlib.Path("pages").iterdir()):
    page = cleaner.clean(path.read_bytes(), id=path.stem)
    pathlib.Path("texts", path.stem + ".txt").write_text(page.text)
    pathlib.Path("texts", path.stem + ".meta.json").write_text(page.metadata_json())
"""
        return measured([sys.executable, "-c", program], self.folder)


def ways(bench: Bench) -> dict[str, Callable[[], Cost]]:
    found: dict[str, Callable[[], Cost]] = {
        "dehusk clean": bench.clean,
        "dehusk pipe, fed by the shell": bench.pipe,
        "dehusk pipe, fed by Python, json": lambda: bench.fed_pipe(
            lambda value: json.dumps(value).encode(), lambda line: json.loads(line)
        ),
        "dehusk warc": bench.warc,
        "wheel": bench.wheel,
    }
    try:
        import orjson

        found["dehusk pipe, fed by Python, orjson"] = lambda: bench.fed_pipe(orjson.dumps, orjson.loads)
    except ImportError:
        print("orjson is not installed: not measured")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dehusk", required=True, type=os.path.abspath)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        pages = corpus.pages(options.pages)
        bench = Bench(options.dehusk, Path(folder).resolve(), pages)
        chosen = {name: way for name, way in ways(bench).items() if name not in options.without}
        rounds = [{name: way() for name, way in chosen.items()} for _ in range(options.rounds)]
        table(rounds, pages)
        print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        memory(bench, len(pages), "dehusk pipe" not in options.without)
    if options.json:
        shown = [{name: vars(cost) for name, cost in round.items()} for round in rounds]
        options.json.write_text(json.dumps({"pages": len(pages), "rounds": shown}, indent=1))


def table(rounds: list[dict[str, Cost]], pages: list[corpus.Page]) -> None:
    size = sum(len(page.body) for page in pages) / len(pages)
    print(f"{len(pages)} pages of {size / 1000:.0f} kB on average, {len(rounds)} rounds\n")
    print("| way | CPU a page, ms | of `clean` | 100 million pages, core hours |")
    print("|---|---:|---:|---:|")
    for name in rounds[0]:
        cpu = min(round[name].cpu for round in rounds) / len(pages)
        ratio = statistics.median(round[name].cpu / round["dehusk clean"].cpu for round in rounds)
        print(f"| {name} | {cpu * 1000:.2f} | {ratio:.2f} | {cpu * EXAMPLE_PAGES / 3600:.0f} |")


def memory(bench: Bench, pages: int, with_pipe: bool) -> None:
    print("\n| jobs | `clean`, pages a second | `clean`, MB | `pipe`, pages a second | `pipe`, MB |")
    print("|---:|---:|---:|---:|---:|")
    for jobs in JOBS:
        costs = [bench.clean(jobs, True)] + ([bench.pipe(jobs, True)] if with_pipe else [])
        cells = [f"{pages / cost.wall:.0f} | {cost.memory / 1e6:.0f}" for cost in costs]
        print(f"| {jobs} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
