"""Steps for datatrove's pipelines: `DehuskExtractor` cleans documents whose text is HTML, or a text dump;
`DehuskWarcReader` reads web archives and gives clean documents.

Every page that goes in comes out, unless it is asked otherwise: one that gives no text has an empty text and says why
in its metadata under `dehusk_error`. Filters of datatrove can tell them apart:

    LambdaFilter(lambda document: "dehusk_error" not in document.metadata)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers.base import BaseDiskReader
from datatrove.utils.typeshelper import StatHints

from dehusk._dehusk import Cleaner
from dehusk.errors import PageError
from dehusk.warc import WarcPage, pages

#: Where a document's metadata says why it has no text.
ERROR = "dehusk_error"
#: Where it keeps what the page says about itself and how it was cleaned.
METADATA = "dehusk"


class DehuskExtractor(PipelineStep):  # type: ignore[misc]
    """Cleans the text of documents in place.

    rules and options: what `dehusk.Cleaner` takes; read in each worker, so paths must be there on every machine.
    drop_failed: whether documents that give no text are left out, as datatrove's own extractors do. They are counted.
    """

    name = "🌾 Dehusk"
    type = "🛢 - EXTRAC"

    def __init__(self, rules: Any = None, *, drop_failed: bool = False, **options: Any) -> None:
        super().__init__()
        # Rules with faults fail here, where someone sees it, and not in a worker. What is kept can be pickled.
        self.cleaner = Cleaner(rules, **options)
        self.drop_failed = drop_failed

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Cleans every document, in order."""
        for document in data:
            self.stat_update(StatHints.total)
            with self.track_time():
                fault = self._clean(document)
            if fault is not None:
                self.stat_update("failed", f"failed_{fault}")
            if fault is not None and self.drop_failed:
                self.stat_update(StatHints.dropped)
                continue
            self.stat_update(StatHints.forwarded)
            self.update_doc_stats(document)
            yield document

    def _clean(self, document: Document) -> str | None:
        """Cleans one document; gives the code of what went wrong."""
        return _fill(document, self.cleaner, document.text, document.metadata.get("url"))


class DehuskWarcReader(BaseDiskReader):  # type: ignore[misc]
    """Reads web archives and gives their pages as clean documents. Unlike datatrove's own reader it takes pages whatever
    headers they lack, decodes them as browsers do, and tells which it could not read.

    data_folder and whatever is not named here: what datatrove's readers of files take.
    rules: what `dehusk.Cleaner` takes; cleaner: its other options. all_status: answers of a status other than 2xx too.
    """

    name = "🌾 Dehusk WARC"
    _requires_dependencies = ["warcio"]

    def __init__(
        self,
        data_folder: Any,
        rules: Any = None,
        *,
        cleaner: dict[str, Any] | None = None,
        all_status: bool = False,
        **reader: Any,
    ) -> None:
        super().__init__(data_folder, **reader)
        self.cleaner = Cleaner(rules, **(cleaner or {}))
        self.all_status = all_status

    def read_file(self, filepath: str) -> Iterator[Document]:
        """The pages of one archive, in order."""
        with self.data_folder.open(filepath, "rb") as archive:
            for page in pages(archive, filepath, all_status=self.all_status):
                with self.track_time():
                    document = self._document(page, filepath)
                yield document

    def _document(self, page: WarcPage, filepath: str) -> Document:
        metadata = {"url": page.url, "date": page.date, "file_path": self.data_folder.resolve_paths(filepath)}
        document = Document(text="", id=page.id, metadata={**(self.default_metadata or {}), **metadata})
        if page.fault is not None:
            fault: str | None = "unreadable"
            document.metadata[ERROR] = {"code": fault, "message": page.fault}
        else:
            fault = _fill(document, self.cleaner, page.body, page.url, page.charset)
        if fault is not None:
            self.stat_update("failed", f"failed_{fault}")
        return document


def _fill(
    document: Document, cleaner: Cleaner, page: bytes | str, url: str | None, charset: str | None = None
) -> str | None:
    """Gives a document the text and the metadata of a page, or what went wrong, whose code comes back."""
    try:
        cleaned = cleaner.clean(page, url=url, id=document.id, charset=charset)
    except PageError as error:
        document.text = ""
        document.metadata[ERROR] = {"code": error.code, "message": error.message}
        return error.code
    document.text = cleaned.text
    document.metadata[METADATA] = cleaned.metadata
    return None
