"""Web archives that tests make."""

from __future__ import annotations

import gzip
import io

from conftest import PAGE

URL = "https://gull.example/lighthouse"


def archive(pages: list[tuple[str, bytes, str]]) -> bytes:
    """A WARC as crawlers write it, but without the headers that tell what is in it: id, page, head of the answer."""
    whole = io.BytesIO()
    for name, page, head in pages:
        answer = f"HTTP/1.1 {head}\r\n\r\n".encode() + page
        fields = f"WARC-Type: response\r\nWARC-Record-ID: {name}\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n"
        fields += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n"
        whole.write(gzip.compress(f"WARC/1.0\r\n{fields}\r\n".encode() + answer + b"\r\n\r\n"))
    return whole.getvalue()


def an_archive() -> bytes:
    koi8 = PAGE.replace('charset="utf-8"', "").replace("lighthouse", "фонарь").encode("koi8-r")
    return archive(
        [
            ("<urn:1>", PAGE.encode(), "200 OK"),
            ("<urn:2>", koi8, "200 OK\r\nContent-Type: text/html; charset=KOI8-R"),
            ("<urn:3>", b"%PDF-1.4", "200 OK\r\nContent-Type: application/pdf"),
            ("<urn:4>", PAGE.encode(), "404 Not Found"),
        ]
    )
