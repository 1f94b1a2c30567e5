"""The step for datatrove."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from archives import URL, an_archive
from conftest import PAGE

import dehusk

pytest.importorskip("datatrove")

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from dehusk.datatrove import DehuskExtractor, DehuskWarcReader


def documents() -> list[Document]:
    return [Document(text=PAGE, id="a", metadata={"url": URL, "n": 1}), Document(text="", id="b"), Document(text=PAGE, id="c")]


def test_every_document_comes_out_with_its_text_or_a_reason(rules: Path) -> None:
    step = DehuskExtractor(rules)
    good, empty, other = step.run(iter(documents()))
    assert good.text == dehusk.Cleaner(rules).clean(PAGE, URL).text
    assert good.metadata["n"] == 1 and good.metadata["dehusk"]["site"] == "gull.example"
    assert (empty.id, empty.text, empty.metadata["dehusk_error"]["code"]) == ("b", "", "empty")
    assert other.id == "c" and other.metadata["dehusk"]["site"] is None
    assert step.stats["failed_empty"].total == 1


def test_failed_documents_can_be_left_out_and_are_counted(rules: Path) -> None:
    step = DehuskExtractor(rules, drop_failed=True)
    assert [document.id for document in step.run(iter(documents()))] == ["a", "c"]
    assert step.stats["dropped"].total == 1


def test_a_step_goes_to_other_processes(rules: Path) -> None:
    step = pickle.loads(pickle.dumps(DehuskExtractor(rules, title=False)))
    assert next(iter(step.run(iter(documents())))).metadata["dehusk"]["site"] == "gull.example"


def test_a_pipeline_runs_from_file_to_file(rules: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for shard in range(2):
        lines = [json.dumps({"text": PAGE, "id": f"{shard}-{n}", "metadata": {"url": URL}}) for n in range(3)]
        (pages / f"{shard}.jsonl").write_text("\n".join(lines))
    steps = [JsonlReader(str(pages)), DehuskExtractor(rules), JsonlWriter(str(tmp_path / "texts"), compression=None)]
    LocalPipelineExecutor(steps, tasks=2, workers=1, logging_dir=str(tmp_path / "logs")).run()
    found = [json.loads(line) for file in (tmp_path / "texts").iterdir() for line in file.read_text().splitlines()]
    assert sorted(document["id"] for document in found) == ["0-0", "0-1", "0-2", "1-0", "1-1", "1-2"]
    assert {document["text"] for document in found} == {dehusk.Cleaner(rules).clean(PAGE, URL).text}


def test_archives_become_clean_documents_and_no_page_goes_without_a_trace(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "a.warc.gz").write_bytes(an_archive())
    reader = DehuskWarcReader(str(tmp_path / "archives"), rules, default_metadata={"crawl": "one"})
    good, koi8, bad = reader.run()
    assert good.text == dehusk.Cleaner(rules).clean(PAGE, URL).text
    assert (good.id, good.metadata["url"], good.metadata["crawl"]) == ("<urn:1>", URL, "one")
    assert "фонарь" in koi8.text
    assert bad.text == "" and bad.metadata["dehusk_error"]["code"] == "not-text"
    assert reader.stats["failed_not-text"].total == 1
