#!/usr/bin/env python3
"""Scores title, author, date, address, site name and language as dehusk reads them from pages, and trafilatura's beside them.

    tests/metadata/score.py                                  # ours, on the corpora beside the project
    tests/metadata/score.py --trafilatura venv/bin/python    # and trafilatura's, by a Python that has it
    tests/metadata/score.py --floors tests/quality.tsv       # holds ours to the floors; exit status 1 below one

Python 3.11 or newer, its standard library alone. Pages are read without their address, by both tools. What counts:

  title   equal after Unicode folding, letters and digits alone, without letter case. Lenient: the words of one are all
          in the other, in order, and at least half as many.
  author  the same set of names; a name is what stands between `;`, `,`, `&` and `and`, compared like a title; degrees
          and salutations are no names. Lenient: one name in common.
  date    the same day, as it is written (the month, where the gold has no day).
  url     the address that the page was fetched from, without scheme, `www.`, query, fragment and last slash. Lenient: the
          same host.
  sitename    letters and digits alone, without accents, the same as in the publisher's id, which is often not what the
              page says (BR for BR24, Nikkei for 日本経済新聞); lenient: one holds the other. Fundus alone.
  language    that of the publisher's country, where it has one language (table below). Fundus alone.

A page whose gold has a value counts as right or wrong, and a page whose gold is empty counts apart: `given` is the
share of those for which a tool names something all the same. (Gold is often empty where a page does state a value, above
all off articles.) Domains are cut in two halves by a hash: rules were made by looking at errors in the half `seen` alone.
Intervals are 95 % of a bootstrap over domains.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parents[2]
CORPORA = PROJECT.parent / "shared" / "corpora"
NAMES = ("wcxb-dev", "fundus-dev")
FIELDS = ("title", "author", "date", "url", "sitename", "language")
HALVES = ("seen", "unseen")
RESAMPLES = 1000
SEED = 1

# Second labels under which countries hand out names, so that `a.co.uk` and `b.co.uk` are two domains.
SECOND_LABELS = {"co", "com", "org", "net", "ac", "gov", "edu", "go", "or", "ne"}

# The language of publishers by the country that their ids begin with. Left out: countries with several, and with publishers
# in a language of a minority.
LANGUAGES = {
    "at": "de", "de": "de", "us": "en", "uk": "en", "au": "en", "fr": "fr", "py": "es", "no": "no", "se": "sv", "cz": "cs",
    "pl": "pl", "tr": "tr", "jp": "ja", "kr": "ko", "vn": "vi", "ru": "ru",
}

# Codes that name one language.
SAME_LANGUAGE = {"nb": "no", "nn": "no"}

# Pieces between commas that belong to the name before them, without dots.
DEGREES = re.compile(
    r"(?:[A-Z]{2,7}®?|[A-Z][A-Za-z]?[A-Z]{1,3}|Ph ?D|Jr|Sr|II|III|E-RYT \d+)(?: (?:[A-Z]{2,7}®?|Ph ?D))*"
)
SALUTATIONS = re.compile(r"^(?:by|dr|prof|mr|mrs|ms)\b\.?:? ", re.IGNORECASE)


def key(text):
    """Letters and digits in lower case, words parted by single blanks."""
    folded = unicodedata.normalize("NFKC", text or "").casefold()
    return " ".join("".join(c if c.isalnum() else "" if c in "'’‘`´" else " " for c in folded).split())


def names(value):
    """The set of names in an author field."""
    parts = value if isinstance(value, list) else [value or ""]
    pieces = (piece.strip() for part in parts for piece in re.split(r";|,|&|/|\||\band\b|\bund\b|\n", part))
    kept = (SALUTATIONS.sub("", piece) for piece in pieces if not DEGREES.fullmatch(piece.replace(".", "").strip()))
    return {name for name in map(key, kept) if name}


def day(value):
    return (value or "")[:10]


def contains(long, short):
    return f" {short} " in f" {long} " and 2 * len(short.split()) >= len(long.split())


def judge(field, gold, found):
    """Whether a value is right, strictly and leniently."""
    if field == "author":
        gold, found = names(gold), names(found)
        return gold == found, bool(gold & found)
    if field == "date":
        gold, found = day(gold), day(found)
        return (found[: len(gold)] == gold,) * 2 if found else (False, False)
    if field == "url":
        gold, found = address(gold), address(found)
        return gold == found, gold[0] == found[0]
    if field == "language":
        code = re.split(r"[-_]", found or "")[0].lower()
        return (SAME_LANGUAGE.get(code, code) == gold,) * 2
    if field == "sitename":
        gold, found = (plain(key(name)).replace(" ", "") for name in (gold, found))
        return gold == found, bool(found) and (gold in found or found in gold)
    gold, found = key(gold), key(found)
    return gold == found, bool(found) and (contains(gold, found) or contains(found, gold))


def plain(text):
    """A text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def address(url):
    """Host and path of an address, as far as they tell pages apart."""
    parts = urlsplit(url or "")
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")


def domain(row):
    """The registered domain of a page's address; good enough to keep the pages of a publisher together."""
    labels = (urlsplit(row["url"]).hostname or row["id"]).split(".")
    count = 3 if len(labels) > 2 and labels[-2] in SECOND_LABELS and len(labels[-1]) == 2 else 2
    return ".".join(labels[-count:])


def half(name):
    return HALVES[hashlib.sha256(name.encode()).digest()[0] & 1]


def load(corpus):
    lines = (CORPORA / corpus / "gold.jsonl").read_text("utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    for row in rows:
        if "publisher" in row:
            country, name = row["publisher"].split(".", 1)
            row["sitename"] = name
            row["language"] = LANGUAGES.get(country)
    return rows


def read_ours(corpus, program):
    """What `dehusk clean` says of every page, by the page's id."""
    with tempfile.TemporaryDirectory() as folder:
        # A configuration of its own, so that the machine's does not count.
        (Path(folder) / "dehusk.toml").touch()
        pages, out = str(CORPORA / corpus / "pages"), Path(folder) / "out"
        command = [str(Path(program).resolve()), "clean", pages, "--out", str(out), "--format", "json", "--no-rules"]
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL, cwd=folder)
        return {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in out.glob("*.json")}


def read_trafilatura(corpus, python):
    command = [python, __file__, "--print-trafilatura", str(CORPORA / corpus / "pages")]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def print_trafilatura(pages):
    """Run by the Python that has trafilatura: one JSON object a page on standard output."""
    import trafilatura  # pylint: disable=import-error,import-outside-toplevel

    for path in sorted(Path(pages).glob("*.html.gz")):
        row = {"id": path.name.removesuffix(".html.gz")}
        try:
            found = trafilatura.extract_metadata(gzip.decompress(path.read_bytes()))
            row |= {field: getattr(found, field, None) for field in FIELDS}
        except Exception as error:  # pylint: disable=broad-exception-caught
            row["error"] = repr(error)
        print(json.dumps(row))


def marks(rows, found, field):
    """(domain, strict, lenient) of every page whose gold has the field, and (domain, given) of every other."""
    stated, silent = [], []
    for row in rows:
        gold, value = row.get(field), found.get(row["id"], {}).get(field)
        if gold:
            stated.append((domain(row), *judge(field, gold, value)))
        elif field in row:
            silent.append((domain(row), bool(value)))
    return stated, silent


def share(marked, index=1):
    return sum(mark[index] for mark in marked) / len(marked) if marked else None


def interval(values):
    """95 % of the means of samples of whole domains. Values are pairs of a domain and a number."""
    groups = defaultdict(list)
    for name, value in values:
        groups[name].append(value)
    sums = [(sum(group), len(group)) for group in groups.values()]
    draw = random.Random(SEED)
    means = []
    for _ in range(RESAMPLES):
        sample = draw.choices(sums, k=len(sums))
        means.append(sum(total for total, _ in sample) / sum(count for _, count in sample))
    means.sort()
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


def percent(number):
    return "-" if number is None else f"{100 * number:.1f}"


def table(rows, tools):
    """A line for every field, half and tool."""
    print(f"{'field':<10}{'half':<8}{'tool':<13}{'pages':>6}{'right':>7}{'95 %':>14}{'lenient':>9}{'empty':>7}{'given':>7}")
    for field in FIELDS:
        # A tool that never names the field does not read it.
        readers = {name: found for name, found in tools.items() if any(row.get(field) for row in found.values())}
        for part in ("all", *HALVES):
            some = [row for row in rows if part == "all" or half(domain(row)) == part]
            told = {name: marks(some, found, field) for name, found in readers.items()}
            for name, (stated, silent) in told.items():
                if not stated:
                    continue
                low, high = interval([mark[:2] for mark in stated])
                print(f"{field:<10}{part:<8}{name:<13}{len(stated):>6}{percent(share(stated)):>7}"
                      f"{percent(low) + ' - ' + percent(high):>14}{percent(share(stated, 2)):>9}"
                      f"{len(silent):>7}{percent(share(silent)):>7}")
            if len(told) == 2:
                (ours, _), (theirs, _) = told.values()
                gaps = [(a[0], a[1] - b[1]) for a, b in zip(ours, theirs, strict=True)]
                if not gaps:
                    continue
                low, high = interval(gaps)
                print(f"{field:<10}{part:<8}{'difference':<13}{len(gaps):>6}{100 * share(gaps):>+7.1f}"
                      f"{f'{100 * low:+.1f} - {100 * high:+.1f}':>14}")


def below_floors(path, found):
    """Prints every floor of metadata and whether it holds; says whether any does not."""
    failed = False
    for line in Path(path).read_text("utf-8").splitlines():
        corpus, _, rest = line.partition("\t")
        if corpus.startswith("#") or not rest.startswith("metadata."):
            continue
        kind, floor = rest.split("\t")
        _, field, part = kind.split(".")
        rows = [row for row in load(corpus) if half(domain(row)) == part]
        score = share(marks(rows, found(corpus), field)[0])
        holds = score >= float(floor)
        failed |= not holds
        print(f"{'holds' if holds else 'below the floor'}: {corpus} {kind} {score:.4f} {'>=' if holds else '<'} {floor}")
    return failed


def print_errors(rows, found, field, part):
    for row in rows:
        value = found.get(row["id"], {}).get(field)
        if half(domain(row)) == part and row.get(field) and not judge(field, row[field], value)[0]:
            print(f"{row['id']}\t{row['page_type']}\t{row['url'][:90]}\n    gold  {row[field]}\n    found {value}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(PROJECT / "target" / "release" / "dehusk"), help="the dehusk to run")
    parser.add_argument("--trafilatura", metavar="PYTHON", help="a Python that has trafilatura")
    parser.add_argument("--floors", metavar="FILE", help="hold ours to the floors in this file")
    parser.add_argument("--errors", metavar="FIELD", choices=FIELDS, help="print what is wrong in the half `seen`")
    parser.add_argument("--corpus", action="append", choices=NAMES, help="one corpus instead of both")
    parser.add_argument("--print-trafilatura", metavar="PAGES", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.print_trafilatura:
        print_trafilatura(options.print_trafilatura)
        return 0
    if not CORPORA.is_dir():
        print("skipped: ../shared is absent")
        return 0
    ours = {}

    def found(corpus):
        if corpus not in ours:
            ours[corpus] = read_ours(corpus, options.program)
        return ours[corpus]

    if options.floors:
        return int(below_floors(options.floors, found))
    for corpus in options.corpus or NAMES:
        rows = load(corpus)
        if options.errors:
            print_errors(rows, found(corpus), options.errors, HALVES[0])
            continue
        tools = {"dehusk": found(corpus)}
        if options.trafilatura:
            tools["trafilatura"] = read_trafilatura(corpus, options.trafilatura)
        print(f"\n{corpus}: {len(rows)} pages of {len({domain(row) for row in rows})} domains")
        table(rows, tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
