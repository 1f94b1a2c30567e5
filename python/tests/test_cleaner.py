"""`dehusk.Cleaner`."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import PAGE

import dehusk
from dehusk._dehusk import POISON

URL = "https://www.gull.example/lighthouse"
#: How long a test may wait for another thread before something hangs, in seconds.
PATIENCE = 120


def test_a_page_gives_text_metadata_and_a_reason_for_every_line_that_went(
    cleaner: dehusk.Cleaner, rules: Path
) -> None:
    page = cleaner.clean(PAGE, url=URL, id="7")
    assert page.text.startswith("The lighthouse opens again\n\n") and page.text.endswith("\n")
    assert "two hundred steps" in page.text and "Share" not in page.text and "Imprint" not in page.text
    assert (page.id, page.site, page.title) == ("7", "gull.example", "The lighthouse opens again")
    assert page.metadata["title"] == page.title
    assert page.metadata["rule_set"] == page.rule_set
    assert page.metadata["kept_ratio"] < 1
    assert json.loads(page.metadata_json()) == page.metadata
    share = next(line for line in page.removals if line.text.startswith("Share"))
    assert (share.kind, share.rule, share.rule_id) == ("promo", "html.strip", "share")
    assert share.place == f"{rules}/gull.example.toml:6"
    assert (share.file, share.file_line) == (f"{rules}/gull.example.toml", 6)
    assert share.pattern == ".share" and share.line is None


def test_a_text_dump_tells_the_lines_that_went(cleaner: dehusk.Cleaner) -> None:
    dump = "Home\nNews\nSport\n\n" + "A sentence of the story that is long enough to be one, with words in it.\n" * 3
    lines = {line.line for line in cleaner.clean(dump).removals}
    assert lines and all(line is not None and line >= 1 for line in lines)


def test_bytes_strings_and_packed_pages_give_the_same_text(cleaner: dehusk.Cleaner) -> None:
    text = cleaner.clean(PAGE, URL).text
    for page in (PAGE.encode(), bytearray(PAGE.encode()), gzip.compress(PAGE.encode()), PAGE.encode("utf-16")):
        assert cleaner.clean(page, URL).text == text


def test_charsets_come_from_the_page_or_from_a_header(cleaner: dehusk.Cleaner) -> None:
    page = PAGE.replace("lighthouse", "фонарь")
    declared = page.replace('charset="utf-8"', 'charset="windows-1251"').encode("windows-1251")
    assert "фонарь" in cleaner.clean(declared).text
    assert "фонарь" in cleaner.clean(page.replace('charset="utf-8"', "").encode("koi8-r"), charset="koi8-r").text
    # A string is decoded already, whatever it declares.
    assert "фонарь" in cleaner.clean(page.replace('charset="utf-8"', 'charset="iso-2022-jp"')).text


def test_half_of_a_surrogate_pair_costs_one_character(cleaner: dehusk.Cleaner) -> None:
    assert "steps\N{REPLACEMENT CHARACTER}" in cleaner.clean(PAGE.replace("steps", "steps\ud83d"), URL).text


def test_a_page_without_text_raises_its_code(cleaner: dehusk.Cleaner) -> None:
    cases = {"empty": b" \n", "not-text": b"%PDF-1.4 ...", "bad-gzip": gzip.compress(PAGE.encode())[:40]}
    for code, page in cases.items():
        with pytest.raises(dehusk.PageError) as raised:
            cleaner.clean(page, id="41")
        assert (raised.value.code, raised.value.page_id) == (code, "41")
        assert code in str(raised.value) and "41" in str(raised.value)
        again = pickle.loads(pickle.dumps(raised.value))
        assert (again.code, again.message, again.page_id) == (code, raised.value.message, "41")
    with pytest.raises(dehusk.PageError) as raised:
        dehusk.Cleaner(page_bytes_max=10).clean(PAGE)
    assert raised.value.code == "too-large"
    assert "two hundred steps" in cleaner.clean(PAGE, URL).text


def test_time_that_is_over_is_an_error_of_that_page() -> None:
    cleaner = dehusk.Cleaner(page_seconds_max=0)
    with pytest.raises(dehusk.PageError) as raised:
        cleaner.clean(PAGE)
    assert raised.value.code == "timed-out"


def test_faults_of_rules_are_all_told_at_once(rules: Path) -> None:
    (rules / "broken.toml").write_text('schema = 1\nsiet = "a.example"\n')
    (rules / "wrong.toml").write_text('schema = 1\nsite = "b.example"\n[html]\nstrip = ["p["]\n')
    with pytest.raises(dehusk.RuleError) as raised:
        dehusk.Cleaner(rules)
    told = str(raised.value)
    assert "broken.toml:2:1: error" in told and "wrong.toml:4:" in told
    assert len(raised.value.diagnostics) >= 2
    assert pickle.loads(pickle.dumps(raised.value)).diagnostics == raised.value.diagnostics


def test_arguments_that_mean_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        dehusk.Cleaner(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="`advert` is no class; classes are: nav, related"):
        dehusk.Cleaner(keep_classes=["advert"])
    with pytest.raises(ValueError, match="page_seconds_max"):
        dehusk.Cleaner(page_seconds_max=-1)
    with pytest.raises(TypeError):
        dehusk.Cleaner().clean(7)  # type: ignore[arg-type]


def test_options_count(rules: Path) -> None:
    def text(**options: object) -> str:
        return dehusk.Cleaner(rules, **options).clean(PAGE, URL).text  # type: ignore[arg-type]

    assert "Share this" in text(keep_classes=["promo"])
    assert text(title=False).startswith("By Mara") or "lighthouse opens" not in text(title=False).split("\n")[0]
    assert dehusk.Cleaner(rules, site_rules=False).clean(PAGE, URL).metadata["method"] == "generic"
    assert dehusk.Cleaner(rules).clean(PAGE, site="gull.example").site == "gull.example"
    assert "# The lighthouse" in dehusk.Cleaner(rules).clean(PAGE, URL).markdown(title=True)


def test_a_later_folder_of_rules_counts(rules: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "gull.toml").write_text('schema = 1\nsite = "gull.example"\n[html]\nkeep = [".story"]\nstrip = [".by"]\n')
    page = dehusk.Cleaner([rules, later]).clean(PAGE, URL)
    assert "Mara Quist" not in page.text and "two hundred steps" in page.text
    assert "share" not in {line.rule_id for line in page.removals}
    assert "Mara Quist" in dehusk.Cleaner([later, rules]).clean(PAGE, URL).text


def test_the_hash_of_rules_tells_whether_they_are_the_same(rules: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(rules, copy)
    assert dehusk.Cleaner(copy).rules_hash == dehusk.Cleaner(rules).rules_hash != dehusk.Cleaner().rules_hash
    assert len(dehusk.Cleaner().rules_hash) == 64
    assert dehusk.Cleaner(rules, keep_classes=["promo"]).rules_hash != dehusk.Cleaner(rules).rules_hash


def test_a_file_that_is_no_bundle_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules.bundle").write_text("not this")
    with pytest.raises(OSError, match="no bundle of rules"):
        dehusk.Cleaner(tmp_path / "rules.bundle")


def test_a_cleaner_can_be_pickled(rules: Path) -> None:
    cleaner = dehusk.Cleaner(rules, keep_classes=["promo"], page_seconds_max=2.5, title=False)
    again = pickle.loads(pickle.dumps(cleaner))
    assert again.clean(PAGE, URL).text == cleaner.clean(PAGE, URL).text
    assert "Share this" in again.clean(PAGE, URL).text


def test_threads_share_a_cleaner(cleaner: dehusk.Cleaner) -> None:
    expected = cleaner.clean(PAGE, URL).text
    with ThreadPoolExecutor(8) as pool:
        pages = pool.map(lambda number: cleaner.clean(PAGE, URL, id=str(number)), range(400))
        assert all(page.text == expected and page.id == str(number) for number, page in enumerate(pages))


def test_python_goes_on_while_a_page_is_cleaned() -> None:
    # With this interval no thread ever loses the interpreter's lock, it can only give it away: the other thread does
    # after each step, and this one does between the two readings only if the cleaner does.
    page = PAGE.replace("</article>", "<p>One of very many paragraphs of a very long page.</p>" * 20_000 + "</article>")
    cleaner, counted, done = dehusk.Cleaner(), [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.0001)

    interval = sys.getswitchinterval()
    counter = threading.Thread(target=count)
    counter.start()
    sys.setswitchinterval(PATIENCE)
    try:
        before = counted[0]
        cleaner.clean(page)
        steps = counted[0] - before
    finally:
        sys.setswitchinterval(interval)
        done.set()
        counter.join(PATIENCE)
    assert steps > 0


@pytest.mark.skipif(not POISON, reason="this build has no poisoned pages")
def test_a_panic_and_a_page_without_end_cost_themselves(cleaner: dehusk.Cleaner) -> None:
    with pytest.raises(dehusk.PageError) as raised:
        cleaner.clean(PAGE + "<!-- dehusk-poison: panic -->", id="p")
    assert raised.value.code == "panic" and "the page asks for it" in raised.value.message
    with pytest.raises(dehusk.PageError) as raised:
        dehusk.Cleaner(page_seconds_max=0.2).clean(PAGE + "<!-- dehusk-poison: hang -->")
    assert raised.value.code == "timed-out"
    assert "two hundred steps" in cleaner.clean(PAGE, URL).text


@pytest.mark.skipif(not POISON, reason="this build has no poisoned pages")
def test_two_pages_are_cleaned_at_once() -> None:
    # A page without end keeps one thread busy; another page is cleaned meanwhile, from its first byte to its last.
    slow, quick = dehusk.Cleaner(page_seconds_max=5), dehusk.Cleaner()
    ended = threading.Event()

    def hang() -> None:
        with pytest.raises(dehusk.PageError):
            slow.clean(PAGE + "<!-- dehusk-poison: hang -->")
        ended.set()

    thread = threading.Thread(target=hang)
    thread.start()
    assert "two hundred steps" in quick.clean(PAGE).text
    assert not ended.is_set()
    thread.join(PATIENCE)
    assert ended.is_set()
