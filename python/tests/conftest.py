"""What the tests share: an invented page, and rules for its site."""

from __future__ import annotations

from pathlib import Path

import pytest

import dehusk

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The lighthouse opens again</title></head><body>
<nav><a href="/">Home</a> <a href="/harbour">Harbour</a> <a href="/weather">Weather</a></nav>
<article class="story"><h1>The lighthouse opens again</h1><p class="by">By Mara Quist</p>
<p>After eleven years of repairs the lighthouse on the north mole lets visitors climb its two hundred steps again, and the
keeper says that the lamp has never been as bright as it is now.</p>
<p>Tickets are sold at the harbour office, where the old lens can be seen as well; school classes from the island come in
free of charge until the end of the autumn holidays.</p>
<p class="share">Share this story with your friends</p></article>
<footer>Imprint and contact of the Gull Gazette</footer></body></html>"""

RULES = """schema = 1
site   = "gull.example"

[html]
keep  = [".story"]
strip = [{ css = ".share", as = "promo", id = "share" }]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with the site's rules."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "gull.example.toml").write_text(RULES)
    return folder


@pytest.fixture
def cleaner(rules: Path) -> dehusk.Cleaner:
    """A cleaner with the site's rules."""
    return dehusk.Cleaner(rules)
