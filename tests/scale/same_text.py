"""The text of a page is the same, byte for byte, whichever way it is cleaned: by `dehusk clean`, the daemon, `dehusk pipe`,
`dehusk warc`, the wheel, Spark (through the pipe and through the wheel) and datatrove.

    same_text.py --dehusk PROGRAM [--pages 60] [--folder FOLDER] [--without WAY...]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import corpus
from corpus import Page

#: What each page came out as: text, or none where the way told a fault.
Texts = dict[str, str | None]

#: Rules of the user's, so that rules count on every way. Their site is that of one of the invented pages, as another
#: folder of rules would have it.
RULES = """schema = 1
site = "tideline.example"

[html]
strip = [{ css = "h2", as = "boilerplate" }]
"""


class Bench:
    """What every way works with."""

    def __init__(self, program: str, folder: Path, pages: list[Page]) -> None:
        self.program, self.folder, self.pages = program, folder, pages
        self.rules = folder / "rules"
        self.rules.mkdir()
        (self.rules / "tideline.example.toml").write_text(RULES)
        (folder / "dehusk.toml").write_text("")
        corpus.write_archives(pages, folder / "archives", 4)

    def run(self, *arguments: str, lines: str | None = None) -> str:
        """Runs the program in the folder, whose configuration says nothing, so that the machine's own does not count."""
        command = [self.program, *arguments]
        done = subprocess.run(command, cwd=self.folder, input=lines, stdout=subprocess.PIPE, encoding="utf-8", check=False)
        # `clean` and `--once` end with 1 where a page has failed, which the texts tell as well.
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
        return done.stdout

    def archives(self) -> list[str]:
        return [str(path) for path in sorted((self.folder / "archives").iterdir())]

    def lines(self) -> list[str]:
        return [corpus.line(page) for page in self.pages]


def texts_of(records: list[str]) -> Texts:
    """Texts of lines of JSON."""
    read = [json.loads(record) for record in records]
    return {corpus.id_of(record["id"]): record.get("text") for record in read}


def clean(bench: Bench) -> Texts:
    found: Texts = {}
    for page in bench.pages:
        path = bench.folder / "page.html"
        path.write_bytes(page.body)
        command = [bench.program, "clean", "--rules", str(bench.rules), "--url", page.url, str(path)]
        done = subprocess.run(command, cwd=bench.folder, stdout=subprocess.PIPE, check=False)
        found[page.id] = done.stdout.decode() if done.returncode == 0 else None
    return found


def daemon(bench: Bench) -> Texts:
    inbox = bench.folder / "spool" / "inbox"
    inbox.mkdir(parents=True)
    for page in bench.pages:
        (inbox / f"{page.id}.html.meta.toml").write_text(f"url = {json.dumps(page.url)}\n")
        (inbox / f"{page.id}.html").write_bytes(page.body)
    bench.run("run", "--once")
    texts = {page.id: bench.folder / "spool" / "outbox" / f"{page.id}.txt" for page in bench.pages}
    return {name: path.read_bytes().decode() if path.exists() else None for name, path in texts.items()}


def pipe(bench: Bench) -> Texts:
    lines = "".join(line + "\n" for line in bench.lines())
    return texts_of(bench.run("pipe", "--rules", str(bench.rules), "--jobs", "2", lines=lines).splitlines())


def warc(bench: Bench) -> Texts:
    return texts_of(bench.run("warc", "--rules", str(bench.rules), *bench.archives()).splitlines())


def wheel(bench: Bench) -> Texts:
    import dehusk

    cleaner = dehusk.Cleaner(bench.rules)
    found: Texts = {}
    for page in bench.pages:
        try:
            found[page.id] = cleaner.clean(page.body, url=page.url).text
        except dehusk.PageError:
            found[page.id] = None
    return found


def spark_pipe(bench: Bench) -> Texts:
    lines = _spark().sparkContext.parallelize(bench.lines(), 4)
    return texts_of(lines.pipe(f"{bench.program} pipe --rules {bench.rules}", checkCode=True).collect())


def spark_wheel(bench: Bench) -> Texts:
    from dehusk.spark import SCHEMA, clean_pages

    rows = [(page.id, page.url, bytearray(page.body)) for page in bench.pages]
    frame = _spark().createDataFrame(rows, "id string, url string, html binary").repartition(4)
    return {row.id: row.text for row in frame.mapInArrow(clean_pages(str(bench.rules)), SCHEMA).collect()}


def spark_archives(bench: Bench) -> Texts:
    from dehusk.spark import ARCHIVE_SCHEMA, clean_archives

    frame = _spark().createDataFrame([(path,) for path in bench.archives()], "path string")
    found = frame.mapInArrow(clean_archives(str(bench.rules)), ARCHIVE_SCHEMA).collect()
    return {corpus.id_of(row.id): row.text for row in found}


def datatrove(bench: Bench) -> Texts:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.writers import JsonlWriter

    from dehusk.datatrove import ERROR, DehuskWarcReader

    out = bench.folder / "datatrove"
    steps = [
        DehuskWarcReader(str(bench.folder / "archives"), str(bench.rules)),
        JsonlWriter(str(out), compression=None),
    ]
    LocalPipelineExecutor(steps, tasks=2, workers=1, logging_dir=str(bench.folder / "logs")).run()
    read = [json.loads(line) for path in out.iterdir() for line in path.read_text().splitlines()]
    return {corpus.id_of(page["id"]): None if ERROR in page["metadata"] else page["text"] for page in read}


WAYS: dict[str, Callable[[Bench], Texts]] = {
    "clean": clean,
    "daemon": daemon,
    "pipe": pipe,
    "warc": warc,
    "wheel": wheel,
    "spark-pipe": spark_pipe,
    "spark-wheel": spark_wheel,
    "spark-archives": spark_archives,
    "datatrove": datatrove,
}


def _spark() -> object:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()


def compared(expected: Texts, found: Texts, way: str) -> int:
    """How many pages differ from `clean`; shows where the first of them does."""
    different = [name for name, text in expected.items() if found.get(name, "absent") != text]
    unknown = found.keys() - expected.keys()
    texts = [text for text in found.values() if text is not None]
    size = sum(len(text.encode()) for text in texts)
    print(f"{way:15} {len(found):4} pages, {len(texts):4} texts, {size:8} bytes, {len(different)} differ, {len(unknown)} unknown")
    for name in different[:3]:
        one, other = expected[name], found.get(name)
        at = next((at for at, (a, b) in enumerate(zip(one or "", other or "", strict=False)) if a != b), 0)
        print(f"  {name}: {(one or 'no text')[at : at + 60]!r} is {(other or 'no text')[at : at + 60]!r}")
    return len(different) + len(unknown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dehusk", required=True, type=os.path.abspath)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--without", nargs="*", default=[], choices=WAYS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(options.dehusk, Path(folder).resolve(), corpus.pages(options.pages))
        expected = clean(bench)
        if not any(expected.values()):
            raise SystemExit("no page gave a text: nothing was compared")
        ways = [way for way in WAYS if way not in options.without]
        wrong = sum(compared(expected, WAYS[way](bench) if way != "clean" else expected, way) for way in ways)
    raise SystemExit(f"{wrong} texts differ" if wrong else 0)


if __name__ == "__main__":
    main()
