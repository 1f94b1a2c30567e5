"""The functions for Spark, in a Spark of this machine; and the reader of web archives under them."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import URL, an_archive, archive
from conftest import PAGE

import dehusk

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("warcio")

from dehusk import spark, warc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_an_archive_gives_every_page_whatever_its_headers_leave_out() -> None:
    pages = list(warc.pages(io.BytesIO(an_archive()), "a.warc.gz"))
    assert [(page.id, page.charset, page.fault) for page in pages] == [
        ("<urn:1>", None, None),
        ("<urn:2>", "KOI8-R", None),
        ("<urn:3>", None, None),
    ]
    assert pages[0].body == PAGE.encode() and pages[0].url == URL
    assert len(list(warc.pages(io.BytesIO(an_archive()), "a.warc.gz", all_status=True))) == 4


def test_a_broken_archive_gives_what_stands_before_and_says_so() -> None:
    broken = archive([("<urn:1>", PAGE.encode(), "200 OK")]) + b"this is no archive at all" * 9
    first, last = warc.pages(io.BytesIO(broken), "a.warc.gz")
    assert first.body == PAGE.encode() and first.fault is None
    assert last.fault is not None and last.id.startswith("a.warc.gz#")


def test_a_record_that_is_cut_off_is_told() -> None:
    whole = archive([("<urn:1>", PAGE.encode(), "200 OK"), ("<urn:2>", PAGE.encode(), "200 OK")])
    first, second = warc.pages(io.BytesIO(whole[:-60]), "a.warc.gz")
    assert first.fault is None and second.fault == "the record is cut off"


def test_batches_keep_their_rows_and_say_what_failed(rules: Path) -> None:
    columns = {"id": [1, 2, None], "url": [URL, None, URL], "html": [PAGE.encode(), b"%PDF-1.4", None]}
    (batch,) = spark.clean_pages(str(rules))([pyarrow.RecordBatch.from_pydict(columns)])
    rows = batch.to_pylist()
    assert [row["id"] for row in rows] == ["1", "2", None]
    assert rows[0]["text"] == dehusk.Cleaner(rules).clean(PAGE, URL).text and rows[0]["error"] is None
    assert json.loads(rows[0]["metadata"])["site"] == "gull.example"
    assert rows[1]["error"].startswith("not-text: ") and rows[1]["text"] is None
    assert rows[2]["error"].startswith("empty: ")


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java for Spark")
    from pyspark.sql import SparkSession

    # The Python that has the wheel, not the one that comes first on the path.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


def test_spark_cleans_a_frame(session: SparkSession, rules: Path) -> None:
    rows = [(str(number), URL, PAGE) for number in range(8)] + [("bad", None, " ")]
    frame = session.createDataFrame(rows, "id string, url string, html string").repartition(2)
    found = {row.id: row for row in frame.mapInArrow(spark.clean_pages(rules), spark.SCHEMA).collect()}
    assert found.keys() == {row[0] for row in rows}
    assert {row.text for name, row in found.items() if name != "bad"} == {dehusk.Cleaner(rules).clean(PAGE, URL).text}
    assert found["bad"].error.startswith("empty: ")


def test_spark_cleans_archives(session: SparkSession, rules: Path, tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"{number}.warc.gz").write_bytes(an_archive())
    paths = session.createDataFrame([(str(path),) for path in tmp_path.glob("*.warc.gz")], "path string")
    found = paths.mapInArrow(spark.clean_archives(rules), spark.ARCHIVE_SCHEMA).collect()
    assert sorted(row.id for row in found) == sorted(["<urn:1>", "<urn:2>", "<urn:3>"] * 2)
    assert {row.text for row in found if row.id == "<urn:1>"} == {dehusk.Cleaner(rules).clean(PAGE, URL).text}
    assert all("фонарь" in row.text for row in found if row.id == "<urn:2>")
    assert all(row.error.startswith("not-text") for row in found if row.id == "<urn:3>")
