"""Pages for the proofs, in the forms that engines take: files, lines of JSON, web archives."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared" / "corpora"
CORPORA = ("wcxb-dev", "fundus-dev")


@dataclass(frozen=True)
class Page:
    """A page: a name that is safe as a file's, its address, its bytes."""

    id: str
    url: str
    body: bytes


def pages(count: int) -> list[Page]:
    """So many pages, spread evenly over the corpora beside the project and the invented pages of the test cases; where the
    corpora are absent, the invented pages again and again under other names."""
    invented = _invented()
    if not SHARED.is_dir():
        print("skipped: the pages of ../shared, which is absent; invented pages take their place")
        times = -(-count // len(invented))
        return [Page(f"{round:04}-{page.id}", page.url, page.body) for round in range(times) for page in invented][:count]
    share = count // 4
    return _spread(invented, share) + _spread(_corpora(), count - min(share, len(invented)))


def _spread(found: list[Page], count: int) -> list[Page]:
    """So many of them, each as far from the next."""
    count = min(count, len(found))
    return [found[at * len(found) // count] for at in range(count)]


def _invented() -> list[Page]:
    inputs = sorted((PROJECT / "tests" / "cases").glob("*/*/input.*"))
    return [Page(f"case-{at:03}", _address(path), path.read_bytes()) for at, path in enumerate(inputs)]


def _address(path: Path) -> str:
    """An address of the site that a case is about."""
    return f"https://{path.parent.parent.name}/{path.parent.name}"


def _corpora() -> list[Page]:
    found = []
    for corpus in CORPORA:
        addresses = {}
        with open(SHARED / corpus / "gold.jsonl", encoding="utf-8") as gold:
            for line in gold:
                entry = json.loads(line)
                addresses[entry["id"]] = entry.get("url") or "https://page.example/"
        for path in sorted((SHARED / corpus / "pages").glob("*.html.gz")):
            name = path.name.removesuffix(".html.gz")
            found.append(Page(f"{corpus}-{name}", addresses.get(name, "https://page.example/"), gzip.decompress(path.read_bytes())))
    return found


def line(page: Page) -> str:
    """A page as a line of JSON; bytes that are not UTF-8 in base64."""
    fields = {"id": page.id, "url": page.url}
    try:
        fields["html"] = page.body.decode("utf-8")
    except UnicodeDecodeError:
        fields["html_b64"] = base64.b64encode(page.body).decode("ascii")
    return json.dumps(fields)


def record(page: Page) -> bytes:
    """A page as a record of a web archive, packed by itself, without the headers that only some crawlers write."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page.body) + page.body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:page:{page.id}>\r\nWARC-Target-URI: {page.url}\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + answer + b"\r\n\r\n", 1)


def id_of(record_id: str) -> str:
    """The page of a record."""
    return record_id.removeprefix("<urn:page:").removesuffix(">")


def poisoned(kind: str) -> Page:
    """A page that a build for tests fails on: `panic` or `hang`."""
    body = f"<!doctype html><title>Poisoned</title><p>A page that asks for a fault.</p><!-- dehusk-poison: {kind} -->"
    return Page(f"poisoned-{kind}", "https://poison.example/", body.encode())


def shards(every: list[Page], count: int) -> list[list[Page]]:
    """The pages dealt out to so many files."""
    return [every[at::count] for at in range(count)]


def write_archives(every: list[Page], folder: Path, count: int) -> None:
    """Writes pages as so many web archives."""
    folder.mkdir(parents=True)
    for at, some in enumerate(shards(every, count)):
        (folder / f"{at:04}.warc.gz").write_bytes(b"".join(map(record, some)))


def write_lines(every: list[Page], folder: Path, count: int) -> None:
    """Writes pages as so many files of JSON lines."""
    folder.mkdir(parents=True)
    for at, some in enumerate(shards(every, count)):
        (folder / f"{at:04}.jsonl").write_text("".join(line(page) + "\n" for page in some))


def accounted(expected: list[Page], ids: list[str], what: str) -> None:
    """Every page came out, and each once."""
    wanted = sorted(page.id for page in expected)
    missing = sorted(set(wanted) - set(ids))
    extra = sorted(set(ids) - set(wanted))
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    print(f"{what}: {len(wanted)} in, {len(ids)} out, {len(missing)} missing, {len(extra)} unknown, {len(doubled)} doubled")
    if sorted(ids) != wanted:
        raise SystemExit(f"{what}: missing {missing[:9]}, unknown {extra[:9]}, doubled {doubled[:9]}")
