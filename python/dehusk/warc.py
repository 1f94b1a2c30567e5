"""Pages of web archives (WARC), one after another, read by warcio. `dehusk warc` on the command line reads more of what is
broken and needs no Python; this is for engines that hand files to Python.

Nothing is judged by headers that crawlers leave out: every response and resource with a body is a page, and what is no
text is told so by the cleaner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

#: Record types that hold pages.
PAGE_RECORDS = ("response", "resource", "conversion")
#: Most bytes of a record's body that are read: one more than the largest page, so that the cleaner can refuse it.
BODY_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True)
class WarcPage:
    """A page of an archive, or the place where the archive could not be read on."""

    #: `WARC-Record-ID`; where there is none, the archive's name and the record's place in it, from 0.
    id: str
    #: `WARC-Target-URI`.
    url: str | None
    #: `WARC-Date`, as written.
    date: str | None
    #: The body, unpacked from what HTTP wrapped it in.
    body: bytes
    #: The charset that the HTTP header tells.
    charset: str | None
    #: Why there is no body: the archive, or this record, is broken.
    fault: str | None = None


def pages(archive: IO[bytes], name: str, *, all_status: bool = False) -> Iterator[WarcPage]:
    """The pages of an open archive, packed with gzip or not, in order. Answers of a status other than 2xx are left out,
    unless `all_status` is set. Where an archive is broken, the last page says so in `fault`."""
    from warcio.archiveiterator import ArchiveIterator

    place, records = 0, ArchiveIterator(archive)
    try:
        for place, record in enumerate(records):
            if record.rec_type in PAGE_RECORDS and (all_status or _is_success(record.http_headers)):
                yield _page(record, f"{name}#{place}")
    # Whatever warcio stumbles over, the pages so far have been given, and the fault is told.
    except Exception as error:
        fault = f"the archive can't be read on: {type(error).__name__}: {error}"
        yield WarcPage(id=f"{name}#{place + 1}", url=None, date=None, body=b"", charset=None, fault=fault)


def _page(record: object, name: str) -> WarcPage:
    headers = record.rec_headers  # type: ignore[attr-defined]
    http = record.http_headers  # type: ignore[attr-defined]
    body, fault = b"", None
    try:
        body = record.content_stream().read(BODY_BYTES_MAX)  # type: ignore[attr-defined]
        # What is left of the declared length when there is nothing more to read.
        if len(body) < BODY_BYTES_MAX and getattr(record.raw_stream, "limit", 0) > 0:  # type: ignore[attr-defined]
            fault = "the record is cut off"
    except Exception as error:
        fault = f"the record can't be read: {type(error).__name__}: {error}"
    return WarcPage(
        id=headers.get_header("WARC-Record-ID") or name,
        url=headers.get_header("WARC-Target-URI"),
        date=headers.get_header("WARC-Date"),
        body=body,
        charset=_charset(http.get_header("Content-Type") if http else None),
        fault=fault,
    )


def _is_success(http: object) -> bool:
    """Whether the status is 2xx, or there is none."""
    status = http.get_statuscode() if http else None  # type: ignore[attr-defined]
    return not status or str(status).startswith("2")


def _charset(content_type: str | None) -> str | None:
    """What `Content-Type: text/html; charset=…` names."""
    for part in (content_type or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None
