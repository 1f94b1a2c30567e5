"""Texts and times of the tools that are Python packages; run by `run` in a virtual environment that has them.

    peers.py texts TOOL DECODED OUT SECONDS    writes OUT/ID.txt; prints pages that took longer than SECONDS
    peers.py time DECODED LIST ROUNDS          prints tool and seconds of processor time for all pages of one round
"""

import signal
import sys
import time
from pathlib import Path

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

TOOLS = {
    "trafilatura": lambda page: trafilatura.extract(page, include_comments=False) or "",
    "resiliparse": lambda page: extract_plain_text(page, main_content=True),
}


class TooLong(BaseException):
    """The time of a page is over. No Exception, so that no tool takes it for a fault of the page and goes on."""


def stop(*_):
    raise TooLong


def read(path):
    return path.read_bytes().decode("utf-8", "replace")


def texts(tool, decoded, out, seconds):
    Path(out).mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGALRM, stop)
    for path in sorted(Path(decoded).glob("*.html")):
        name = path.name.removesuffix(".html")
        signal.alarm(int(seconds))
        try:
            (Path(out) / f"{name}.txt").write_text(TOOLS[tool](read(path)), "utf-8")
        except TooLong:
            print(f"{name}\ttook too long")
        except Exception as error:  # pylint: disable=broad-exception-caught
            print(f"{name}\t{type(error).__name__}")
        finally:
            signal.alarm(0)


def measure(decoded, names, rounds):
    rounds = int(rounds)
    pages = [read(Path(decoded) / f"{name}.html") for name in Path(names).read_text("utf-8").split()]
    sums = dict.fromkeys(TOOLS, 0.0)
    for round_number in range(rounds + 1):
        for page in pages:
            for tool, extract in TOOLS.items():
                start = time.process_time()
                extract(page)
                sums[tool] += time.process_time() - start if round_number else 0.0
    for tool, seconds in sums.items():
        print(f"{tool}\t{seconds / rounds}")


if __name__ == "__main__":
    {"texts": texts, "time": measure}[sys.argv[1]](*sys.argv[2:])
