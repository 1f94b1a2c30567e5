"""Prints what the generic cleaner scores on pages of domains that it was not trained on, as docs/generic-cleaner.md has
it: by page type and by language with 95 % intervals, and how far its confidence can be trusted. Run by train/pages."""

import collections
import gzip
import json
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DRAWS = 2000
BINS = ((0.0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


def words(text):
    """A text as a bag of words, as the scorer counts them."""
    return collections.Counter(re.findall(r"\w+", text.lower()))


def f1(found, gold):
    """Word F1 of two texts; 1 where both are empty."""
    found, gold = words(found), words(gold)
    if not found or not gold:
        return float(not found and not gold)
    common = sum((found & gold).values())
    return 2 * common / (found.total() + gold.total())


def interval(scores):
    """The mean with the 95 % interval of means of as many pages drawn with replacement."""
    draw = random.Random(1)
    means = sorted(sum(draw.choices(scores, k=len(scores))) / len(scores) for _ in range(DRAWS))
    mean = sum(scores) / len(scores)
    return f"{mean:.3f} ({means[int(DRAWS * 0.025)]:.3f} to {means[int(DRAWS * 0.975)]:.3f})"


def language(corpus, page):
    """The primary subtag of the language that a page says it is in."""
    with gzip.open(SHARED / "corpora" / corpus / "pages" / f"{page}.html.gz") as file:
        found = re.search(rb"<html[^>]*\blang=[\"']?([A-Za-z]+)", file.read(20_000))
    return found[1].decode().lower() if found else "not said"


def scored(work, corpus):
    """Every page with its score and confidence."""
    sure = {}
    for path in (work / f"texts-{corpus}").glob("confidence-*.tsv"):
        sure.update(line.split("\t") for line in path.read_text().splitlines())
    for line in (SHARED / "corpora" / corpus / "gold.jsonl").open():
        gold = json.loads(line)
        path = work / f"texts-{corpus}" / f"{gold['id']}.txt"
        found = path.read_text() if path.exists() else ""
        yield gold, f1(found, gold["text"] or ""), float(sure.get(gold["id"], 0))


def table(title, groups):
    """Prints groups of scores, the largest first."""
    print(f"\n| {title} | pages | word F1 |\n|---|---|---|")
    for name, scores in sorted(groups.items(), key=lambda group: -len(group[1])):
        print(f"| {name} | {len(scores)} | {interval(scores)} |")


def main():
    work = pathlib.Path(sys.argv[1])
    trusted = []
    for corpus in ("wcxb-dev", "fundus-dev"):
        groups = collections.defaultdict(list)
        for gold, score, sure in scored(work, corpus):
            groups["all"].append(score)
            groups[gold.get("page_type") if corpus == "wcxb-dev" else language(corpus, gold["id"])].append(score)
            trusted.append((sure, score))
        table(corpus, groups)
    print("\n| confidence | pages | mean confidence | word F1 |\n|---|---|---|---|")
    for low, high in BINS:
        inside = [(sure, score) for sure, score in trusted if low <= sure < high]
        mean = sum(sure for sure, _ in inside) / max(len(inside), 1)
        print(f"| {low:.1f} to {min(high, 1):.1f} | {len(inside)} | {mean:.3f} | {interval([s for _, s in inside])} |")


if __name__ == "__main__":
    main()
