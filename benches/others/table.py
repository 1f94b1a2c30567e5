"""Prints the table of `run`: what every tool scores and costs.

    table.py FOLDER    with times.tsv, TOOL/CORPUS.json (the scorer's) and TOOL/CORPUS.skipped in it
    table.py choose PAGES COUNT FOLDER    prints the names of the pages that are timed
"""

import json
import random
import sys
from pathlib import Path

CORPORA = ("wcxb-dev", "fundus-dev")
TYPES = ("article", "documentation", "service", "forum", "collection", "listing", "product")
TOOLS = ("dehusk", "rs-trafilatura", "trafilatura", "dom_smoothie", "resiliparse", "scraper-parse")
MEASURE = "scraper-parse"
SEED = 1


def skipped(folder):
    """Pages that some tool gave up, by tool and corpus."""
    found = {}
    for path in sorted(Path(folder).glob("*/*.skipped")):
        lines = path.read_text("utf-8").splitlines()
        if lines:
            found[path.parent.name, path.stem] = dict(line.split("\t") for line in lines)
    return found


def choose(pages, count, folder):
    """A seeded choice of pages that no tool has given up."""
    given_up = {name for names in skipped(folder).values() for name in names}
    names = sorted(path.name.removesuffix(".html.gz") for path in Path(pages).glob("*.html.gz"))
    chosen = random.Random(SEED).sample(names, min(int(count), len(names)))
    print("\n".join(sorted(name for name in chosen if name not in given_up)))


def word_f1(folder, tool, corpus):
    """F1 over words of all pages, and by type."""
    path = Path(folder) / tool / f"{corpus}.json"
    if not path.exists():
        return None, {}
    score = json.loads(path.read_text("utf-8"))
    return score["all"]["word"]["f1"], {kind: part["word"]["f1"] for kind, part in score["by_type"].items()}


def shown(number):
    return f"{number:>7.3f}" if number is not None else f"{'-':>7}"


def table(folder):
    lines = (Path(folder) / "times.tsv").read_text("utf-8").splitlines()
    times = {tool: float(value) for tool, value in (line.split("\t") for line in lines)}
    size, count = times.pop("bytes"), len((Path(folder) / "timed").read_text("utf-8").split())
    print(f"{'tool':<15}{'wcxb':>7}" + "".join(f"{kind[:6]:>7}" for kind in TYPES)
          + f"{'fundus':>7}{'ms/page':>9}{'MB/s':>7}{'ratio':>7}")
    for tool in TOOLS:
        wcxb, by_type = word_f1(folder, tool, CORPORA[0])
        fundus, _ = word_f1(folder, tool, CORPORA[1])
        speed = f"{'-':>9}{'-':>7}{'-':>7}"
        if tool in times:
            seconds = times[tool]
            speed = f"{1e3 * seconds / count:>9.2f}{size / 1e6 / seconds:>7.1f}{seconds / times[MEASURE]:>7.2f}"
        print(f"{tool:<15}{shown(wcxb)}" + "".join(shown(by_type.get(kind)) for kind in TYPES) + shown(fundus) + speed)
    print(f"\nWord F1 over all pages, by type, and on the Fundus pages. Times: processor time on one thread, {count}"
          f" pages of {CORPORA[0]} ({size / 1e6:.1f} MB); ratio to {MEASURE} (scraper's parse_document and drop).\ndehusk decodes the pages itself, without rules of"
          f" sites; the others get them decoded. dehusk's model was fitted on both sets, rs-trafilatura on {CORPORA[0]}:"
          " their scores here are better than on pages of sites that they have not seen (docs/generic-cleaner.md).")
    for (tool, corpus), names in skipped(folder).items():
        told = ", ".join(f"{name} ({reason})" for name, reason in names.items())
        print(f"Given up by {tool} on {corpus}, scored as empty and not timed: {told}")


if __name__ == "__main__":
    if sys.argv[1] == "choose":
        choose(*sys.argv[2:])
    else:
        table(sys.argv[1])
