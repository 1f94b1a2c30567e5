"""Extractors for NeMo Curator.

`DehuskAlgorithm` fits where NeMo Curator's own algorithms do, for example into
`CommonCrawlDownloadExtractStage(html_extraction=DehuskAlgorithm(rules=...))`; there it gets text that is decoded already,
no address, and NeMo Curator leaves pages out whose language it has no stop words for. `DehuskExtractor` takes the place of
`CommonCrawlHTMLExtractor`: it gets the bytes and the address, cleans every language, and a page without text comes out with its error.
"""

from __future__ import annotations

from typing import Any

from nemo_curator.stages.text.download.base.extract import DocumentExtractor
from nemo_curator.stages.text.download.html_extractors.base import HTMLExtractorAlgorithm

from dehusk._dehusk import Cleaner
from dehusk.errors import PageError


class DehuskAlgorithm(HTMLExtractorAlgorithm):  # type: ignore[misc]
    """Text of HTML, paragraph by paragraph. Takes what `dehusk.Cleaner` takes."""

    def __init__(self, rules: Any = None, **options: Any) -> None:
        self.cleaner = Cleaner(rules, **{"title": False, **options})

    def extract_text(self, html: str, stop_words: frozenset[str], language: str) -> list[str] | None:
        """The paragraphs of a page; none where the page gives no text. Stop words and language are not needed."""
        try:
            text = self.cleaner.clean(html).text.removesuffix("\n")
        except PageError:
            return None
        # NeMo Curator joins them by what they are split at here, so that the text stays as it was.
        return text.split("\n\n") if text else None


class DehuskExtractor(DocumentExtractor):  # type: ignore[misc]
    """Records of web archives, with `url`, `warc_id`, `source_id` and `content` (bytes), become records of text.

    keep_failed: whether a page that gives no text comes out with an empty `text` and its `error`; else it is left out.
    The rest is what `dehusk.Cleaner` takes.
    """

    def __init__(self, rules: Any = None, *, keep_failed: bool = True, **options: Any) -> None:
        super().__init__()
        self.cleaner = Cleaner(rules, **options)
        self.keep_failed = keep_failed

    def extract(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Cleans one record."""
        named = {name: record.get(name) for name in ("url", "warc_id", "source_id")}
        try:
            page = self.cleaner.clean(record.get("content") or b"", url=record.get("url"), id=record.get("warc_id"))
        except PageError as error:
            failed = {**named, "language": None, "text": "", "metadata": None, "error": f"{error.code}: {error.message}"}
            return failed if self.keep_failed else None
        metadata = page.metadata
        cleaned = {"language": metadata["language"], "text": page.text, "metadata": page.metadata_json(), "error": None}
        return {**named, **cleaned}

    def input_columns(self) -> list[str]:
        """The fields that are read."""
        return ["url", "warc_id", "source_id", "content"]

    def output_columns(self) -> list[str]:
        """The fields that are given."""
        return ["url", "warc_id", "source_id", "language", "text", "metadata", "error"]
