"""Functions for Spark's `mapInArrow`, and a command that cleans a folder of web archives on a cluster:

    python -m dehusk.spark --master spark://head:7077 '/mnt/crawl/*.warc.gz' /mnt/texts --rules /mnt/rules

Every row that goes in gives one row; a page that gives no text says why in the column `error`, and costs itself alone.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dehusk._dehusk import Cleaner
from dehusk.errors import PageError

if TYPE_CHECKING:
    from pyarrow import RecordBatch

#: What `clean_pages` gives: `metadata` is JSON; where there is an `error`, text and metadata are null.
SCHEMA = "id string, text string, metadata string, error string"
#: What `clean_archives` gives.
ARCHIVE_SCHEMA = "id string, url string, date string, archive string, text string, metadata string, error string"
#: Most pages of an archive that are held at once in a batch.
BATCH_PAGES_MAX = 64

Row = tuple[str | None, ...]


@lru_cache(maxsize=4)
def _cleaner(rules: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> Cleaner:
    """A cleaner for a worker's process: rules are read once for all its tasks."""
    return Cleaner([_shipped(path) for path in rules], **dict(options))


def _shipped(path: str) -> str:
    """A path as it is, or what `spark-submit --files` or `--archives` brought under that name."""
    if os.path.exists(path):
        return path
    from pyspark import SparkFiles

    return str(SparkFiles.get(path))


def _key(rules: Any, options: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]:
    """Rules and options as a key that can be hashed, and sent to workers."""
    several = () if rules is None else (rules,) if isinstance(rules, (str, os.PathLike)) else rules
    values = ((name, tuple(value) if isinstance(value, list) else value) for name, value in options.items())
    return tuple(os.fspath(path) for path in several), tuple(sorted(values))


def _cleaned(
    cleaner: Cleaner, page: bytes | str | None, url: str | None, id: str | None, charset: str | None = None
) -> Row:
    """Text, metadata and error of one page."""
    if page is None:
        return None, None, "empty: the page is null"
    try:
        cleaned = cleaner.clean(page, url=url, id=id, charset=charset)
    except PageError as error:
        return None, None, f"{error.code}: {error.message}"
    return cleaned.text, cleaned.metadata_json(), None


def _batch(rows: Iterable[Row], schema: str) -> RecordBatch:
    """Rows of strings as a batch."""
    import pyarrow

    names = [column.split()[0] for column in schema.split(", ")]
    columns = zip(*rows, strict=True)
    return pyarrow.RecordBatch.from_arrays([pyarrow.array(column, pyarrow.string()) for column in columns], names)


def clean_pages(
    rules: Any = None, *, id: str = "id", url: str | None = "url", html: str = "html", **options: Any
) -> Callable[[Iterable[RecordBatch]], Iterator[RecordBatch]]:
    """A function for `mapInArrow` that cleans a column of pages, strings or binary; its rows are of `SCHEMA`.

        frame.mapInArrow(dehusk.spark.clean_pages("rules"), dehusk.spark.SCHEMA)

    rules and options: what `dehusk.Cleaner` takes; paths are those on the workers, or names of what `spark-submit --files`
    brought. id, url, html: the names of the columns; `url=None` where there is none.
    """
    key = _key(rules, options)

    def clean(batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
        cleaner = _cleaner(*key)
        for batch in batches:
            if batch.num_rows == 0:
                continue
            ids = [None if name is None else str(name) for name in batch.column(id).to_pylist()]
            urls = batch.column(url).to_pylist() if url else [None] * batch.num_rows
            # One page at a time becomes a Python object: a batch of them can be large.
            sources = (value.as_py() for value in batch.column(html))
            rows = zip(sources, urls, ids, strict=True)
            yield _batch([(row[2], *_cleaned(cleaner, *row)) for row in rows], SCHEMA)

    return clean


def clean_archives(
    rules: Any = None, *, path: str = "path", **options: Any
) -> Callable[[Iterable[RecordBatch]], Iterator[RecordBatch]]:
    """A function for `mapInArrow` that reads web archives, whose paths or addresses stand in a column, and cleans every
    page of them; its rows are of `ARCHIVE_SCHEMA`. Addresses such as `s3://…` are opened by fsspec.

    An archive that can't be read on gives a last row that says so in `error`.
    """
    key = _key(rules, options)

    def clean(batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
        cleaner = _cleaner(*key)
        for batch in batches:
            for archive in batch.column(path).to_pylist():
                rows: list[Row] = []
                for row in _archive_rows(cleaner, archive):
                    rows.append(row)
                    if len(rows) == BATCH_PAGES_MAX:
                        yield _batch(rows, ARCHIVE_SCHEMA)
                        rows = []
                if rows:
                    yield _batch(rows, ARCHIVE_SCHEMA)

    return clean


def _archive_rows(cleaner: Cleaner, archive: str) -> Iterator[Row]:
    from dehusk.warc import pages

    with _opened(archive) as file:
        for page in pages(file, os.path.basename(archive)):
            outcome: Row = None, None, page.fault
            if page.fault is None:
                outcome = _cleaned(cleaner, page.body, page.url, page.id, page.charset)
            yield page.id, page.url, page.date, archive, *outcome


def _opened(path: str) -> Any:
    if "://" in path:
        import fsspec

        return fsspec.open(path, "rb")
    return open(path, "rb")


def main(arguments: list[str] | None = None) -> None:
    """Cleans web archives on a cluster, one task for each archive, into a folder of JSON lines."""
    from glob import glob

    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(prog="python -m dehusk.spark", description=main.__doc__)
    parser.add_argument("archives", nargs="+", help="paths or patterns of WARC files that every worker sees, or addresses")
    parser.add_argument("out", help="a folder for the texts that is not there yet")
    parser.add_argument("--master", help="the cluster, such as spark://head:7077 [what spark-submit says]")
    parser.add_argument("--rules", action="append", help="rules, as every worker sees them; may be given again")
    options = parser.parse_args(arguments)
    archives = sorted(path for pattern in options.archives for path in glob(pattern) or [pattern])
    builder = SparkSession.builder.appName("dehusk")
    session = (builder.master(options.master) if options.master else builder).getOrCreate()
    tasks = session.sparkContext.parallelize([(path,) for path in archives], len(archives))
    pages = session.createDataFrame(tasks, "path string")
    cleaned = pages.mapInArrow(clean_archives(options.rules), ARCHIVE_SCHEMA)
    cleaned.write.option("compression", "gzip").json(options.out)
    session.stop()


if __name__ == "__main__":
    # Functions of a program that is run can't be found by workers, those of a module can.
    from dehusk import spark

    spark.main()
