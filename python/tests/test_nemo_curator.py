"""The extractors for NeMo Curator, against the abstract classes of the installed package.

NeMo Curator asks for torch and Ray as soon as it is imported. Its abstract classes need neither: where those are absent,
its packages are entered without running what is in their `__init__.py`.
"""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import PAGE

import dehusk

PACKAGES = ("stages", "stages.text", "stages.text.download", "stages.text.download.base", "stages.text.download.html_extractors")

spec = importlib.util.find_spec("nemo_curator") if "nemo_curator" not in sys.modules else None
if spec is None or not spec.submodule_search_locations:
    pytest.skip("NeMo Curator is not installed", allow_module_level=True)
if importlib.util.find_spec("ray") is None:
    root = Path(next(iter(spec.submodule_search_locations)))
    for name in ("", *PACKAGES):
        package = ModuleType(f"nemo_curator.{name}".rstrip("."))
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[package.__name__] = package

from nemo_curator.stages.text.download.base.extract import DocumentExtractor
from nemo_curator.stages.text.download.html_extractors.base import HTMLExtractorAlgorithm

from dehusk.nemo_curator import DehuskAlgorithm, DehuskExtractor

URL = "https://gull.example/lighthouse"


def record(content: bytes) -> dict[str, object]:
    return {"url": URL, "warc_id": "w1", "source_id": "s1", "content": content}


def test_the_classes_are_what_nemo_curator_asks_for(rules: Path) -> None:
    assert isinstance(DehuskAlgorithm(), HTMLExtractorAlgorithm)
    assert isinstance(DehuskExtractor(rules), DocumentExtractor)


def test_the_algorithm_gives_paragraphs_that_join_to_the_text() -> None:
    paragraphs = DehuskAlgorithm().extract_text(PAGE, frozenset(), "ENGLISH")
    assert paragraphs is not None and len(paragraphs) >= 2
    assert "\n\n".join(paragraphs) + "\n" == dehusk.Cleaner(title=False).clean(PAGE).text
    assert DehuskAlgorithm().extract_text(" ", frozenset(), "ENGLISH") is None


def test_the_extractor_gives_every_record_a_text_or_an_error(rules: Path) -> None:
    extractor = pickle.loads(pickle.dumps(DehuskExtractor(rules)))
    good = extractor.extract(record(PAGE.encode()))
    assert list(good) == extractor.output_columns()
    assert good["text"] == dehusk.Cleaner(rules).clean(PAGE, URL).text
    assert (good["warc_id"], good["language"], good["error"]) == ("w1", "en", None)
    bad = extractor.extract(record(b"%PDF-1.4"))
    assert list(bad) == extractor.output_columns()
    assert bad["text"] == "" and bad["error"].startswith("not-text: ")
    assert DehuskExtractor(rules, keep_failed=False).extract(record(b"")) is None
