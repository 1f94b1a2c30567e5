"""Invented pages under keys as they occur: paths, blanks, signs, other scripts, endings of temporary files."""
import gzip
import random
import unicodedata

WORDS = "rain river bridge council harvest market school letter winter garden engine island record summer village".split()

# Keys that differ in what a careless recipe would make the same, or lose.
ODD_KEYS = (
    "twins/page.html", "twins/page.htm", "twins/page", "twins/page.html.gz", "twins/page.txt",
    "two words/in a name.html", " leading and trailing ", "-rf", "--config", "50%20percent+plus&and.html",
    "quote'and\"quote.html", "[brackets]{and,braces}*?.html", "back\\slash.html", "hash#tag.html", "#", "$HOME`id`.html",
    unicodedata.normalize("NFC", "é/naïve.html"), unicodedata.normalize("NFD", "é/naïve.html"), "新闻/今天.html",
    "данные/страница.html", "emoji/🌾.html", "saved.tmp", "saved.part", "draft~", "#auto#", "Thumbs.db", "desktop.ini",
    "a/b/c/d/e/f/g/h.html", "dots/..hidden-not.html".replace("..", "x.."), "long/" + "n" * 200 + ".html",
    "colon:and|pipe.html", "news.example-2024.html", "sidecar/told.html",
)

# Keys that can't be names in the inbox: they have to stay where they are. So has one with a line break, but the store
# of the trial takes none.
LEFT_KEYS = (
    ".hidden.html", ".folder/page.html", "~$open.html", "old.tmp/page.html", "lost+found/page.html", "@eaDir/page.html",
    "tab\there.html", "too-long/" + "n" * 245,
)


def page(number, paragraphs, chance):
    """An article with its surroundings; no two are alike."""
    def sentence():
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(8, 18))).capitalize() + "."

    body = "\n".join(f"<p>{' '.join(sentence() for _ in range(chance.randint(2, 5)))}</p>" for _ in range(paragraphs))
    return (
        f"<!doctype html><html lang=en><head><title>Story {number}</title><meta charset=utf-8>"
        f"<link rel=canonical href='https://gazette.example/{number}'></head><body><nav><a href=/>Home</a>"
        f"<a href=/news>News</a></nav><article><h1>Story {number}</h1>{body}</article>"
        "<footer>All rights reserved.</footer></body></html>"
    ).encode()


def pages(count, seed):
    """Gives three tables from keys to bytes: pages to clean, pages that can't be cleaned, objects that have to stay."""
    chance = random.Random(seed)
    plain = [f"crawl/{number % 7}/story-{number}.html" for number in range(max(0, count - len(ODD_KEYS)))]
    good = {}
    for number, key in enumerate([*ODD_KEYS, *plain]):
        # A few take a while on the way, so that there is something to interrupt.
        good[key] = page(number, 700 if number % 9 == 0 else chance.randint(3, 12), chance)
        if key.endswith(".gz"):
            good[key] = gzip.compress(good[key])
    bad = {f"broken/{number}.bin": bytes([0, 1, 2, number] * 8) for number in range(5)}
    left = {key: page(1000 + number, 3, chance) for number, key in enumerate(LEFT_KEYS)}
    return good, bad, left


def sidecars():
    """What the store has beside pages."""
    return {"sidecar/told.html.meta.toml": b'url = "https://told.example/page"\n'}
