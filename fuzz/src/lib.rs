//! What must hold for any bytes at all: one function for each fuzz target.
//!
//! A target panics where a promise is broken. The fuzzers in `fuzz_targets/` feed these functions, and
//! `tests/fuzz_corpus.rs` runs them over the committed corpus in every test run, on any machine.

pub mod tokeniser;

use std::io::Cursor;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dehusk::clean::render::{markdown, metadata_json, page_json, plain, removals_json};
use dehusk::clean::segment::{Marks, segment};
use dehusk::clean::{CleanOptions, Extraction, Fate, Method, Warning, clean};
use dehusk::config::Config;
use dehusk::limits::Limits;
use dehusk::page::{Dom, Page, PageHints, PageKind, RawPage, date, lines};
use dehusk::page_file;
use dehusk::pipe::{Bench, Line, PRESETS, Preset};
use dehusk::record::{RecordWriter, Shape, members};
use dehusk::rules::{Layer, RuleFile, RuleSet, shipped};
use dehusk::text::fold;
use dehusk::toml_file::{Diagnostic, SourceFile};
use dehusk::warc::payload::Payload;
use dehusk::warc::{Found, Reader, SAMPLE_BYTES, judge};

/// The rules that ship with the program.
static SHIPPED: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::assemble(shipped(), &[]).0);

/// No rules at all.
static NONE: LazyLock<RuleSet> = LazyLock::new(RuleSet::default);

/// What answers lines, for every preset.
static BENCHES: LazyLock<Vec<Bench>> = LazyLock::new(|| PRESETS.iter().map(bench).collect());

/// A small page for rules to work on, with something for most kinds of them.
const HTML: &str = "<!doctype html><html lang=en><head><title>Cats | Example</title><link rel=canonical \
    href='https://example.org/2024/03/cats'><body class=single><nav><ul><li><a href=/>Home</a><li><a href=/b>More</a></ul></nav>\
    <article id=main class='post entry'><h1>Cats</h1><p class=byline>By Ann Doe</p><time datetime=2024-03-05>5 March 2024</time>\
    <p>The first cat sat down, and the second one did not; nobody in the house could say why that was so.</p>\
    <p>Read also: Dogs</p><pre>fn a() {\n    b\n}</pre><table><tr><th>City<th>People<tr><td>Lund<td>94 393</table>\
    <p>She said no.\"Yes,\" he said.Both left.</p><figure><img><figcaption>A cat</figcaption></figure></article>\
    <aside class=related><h2>More</h2><a href=/c>Cats again</a></aside><footer>Imprint</footer></html>";

/// A small text dump for the same end.
const DUMP: &str = "Example\nMenu\n\nCats\nhttps://example.org/2024/03/cats\n5 March 2024\nBy Ann Doe\n\nThe first cat sat down, \
    and the second one did not; nobody in the house could say why.\nRead also: Dogs\n\nShe said no.\"Yes,\" he said.Both left.\n\
    Leave a Reply\nName\nEmail\n";

/// Limits that small inputs can break, so that what stands behind them is reached.
fn small_limits() -> Limits {
    Limits {
        page_bytes_max: 150_000,
        inflated_bytes_max: 3_000_000,
        tree_depth_max: 64,
        tree_nodes_max: 20_000,
        ..Limits::default()
    }
}

/// Takes the first byte of an input for a choice.
fn choice(bytes: &[u8]) -> (usize, &[u8]) {
    bytes
        .split_first()
        .map_or((0, bytes), |(first, rest)| (usize::from(*first), rest))
}

/// Bytes to page: charset, kind, lines. The first byte may name a charset from outside.
pub fn decode(bytes: &[u8]) {
    const CHARSETS: &[Option<&str>] = &[
        None,
        None,
        None,
        None,
        Some("latin1"),
        Some("utf-16"),
        Some("nonsense"),
        Some("gbk"),
    ];
    let (chosen, bytes) = choice(bytes);
    let hints = PageHints {
        charset: CHARSETS[chosen % CHARSETS.len()].map(str::to_owned),
        ..PageHints::default()
    };
    let raw = RawPage { bytes, hints };
    let (page, again) = (Page::decode(&raw), Page::decode(&raw));
    let (page, again) = match (page, again) {
        (Ok(page), Ok(again)) => (page, again),
        (Err(error), Err(again)) => {
            assert_eq!(error, again, "the same bytes fail in the same way");
            assert!(!error.to_string().is_empty() && !error.code().is_empty());
            return;
        }
        _ => panic!("the same bytes are a page and are none"),
    };
    assert_eq!(
        (page.text.as_ref(), page.kind, page.charset),
        (again.text.as_ref(), again.kind, again.charset)
    );
    if raw.hints.charset.is_none() && !page.malformed && page.charset == "UTF-8" {
        let text = std::str::from_utf8(bytes).expect("what is UTF-8 without fault is UTF-8");
        assert_eq!(page.text, text.strip_prefix('\u{feff}').unwrap_or(text));
    }
    check_lines(&page.text);
}

/// Every character of a text that is not white space stands in exactly one of its blocks.
fn check_lines(text: &str) {
    let blocks = lines::blocks(text);
    let count = lines::lines(text).count();
    let mut before = 0;
    for block in &blocks {
        assert!(!block.text.is_empty());
        assert_eq!(fold(&block.text), block.text, "the text of a block is folded");
        assert!(
            block.line > before && block.line <= count,
            "lines are numbered in order, inside the text"
        );
        before = block.line;
    }
    assert_eq!(
        inked(text),
        blocks.iter().map(|block| inked(&block.text)).sum::<usize>()
    );
}

/// Characters that are not white space.
fn inked(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

/// Mark-up through the whole cleaner: without rules, and with those of a site that the first byte chooses.
pub fn html(bytes: &[u8]) {
    let (chosen, bytes) = choice(bytes);
    // Whatever it looks like, it is mark-up here.
    let page = [b"<!doctype html>", bytes].concat();
    clean_both(chosen, &page);
    let Ok(decoded) = Page::decode(&RawPage {
        bytes: &page,
        hints: PageHints::default(),
    }) else {
        return;
    };
    if decoded.kind != PageKind::Html {
        return;
    }
    let limits = small_limits();
    let Ok(dom) = Dom::parse(&decoded.text, &limits) else {
        return;
    };
    assert!(dom.html().tree.nodes().len() <= limits.tree_nodes_max);
    let Some(extraction) = cleaned(&page, &NONE, PageHints::default()) else {
        return;
    };
    // Without rules only the title, a line of the date and repeats are touched, and blocks are never lost; a body that the
    // page states and does not show may come on top.
    let blocks = segment(&dom, &Marks::default());
    let is_stated = extraction.warnings.contains(&Warning::StatedBody);
    assert!(
        is_stated || blocks.len() == extraction.blocks.len(),
        "the explanation accounts for every block"
    );
    let mut originals = extraction
        .blocks
        .iter()
        .map(|traced| traced.edits.first().map_or(&traced.block.text, |edit| &edit.before));
    for block in &blocks {
        assert!(
            originals.any(|original| block.block.text == *original),
            "the explanation shows what stood there, in order: {:?}",
            block.block.text
        );
    }
}

/// A text dump through the whole cleaner, in the same two ways.
pub fn text(bytes: &[u8]) {
    let (chosen, bytes) = choice(bytes);
    clean_both(chosen, bytes);
    let Ok(page) = Page::decode(&RawPage {
        bytes,
        hints: PageHints::default(),
    }) else {
        return;
    };
    if page.kind != PageKind::Text {
        return;
    }
    let Some(extraction) = cleaned(bytes, &NONE, PageHints::default()) else {
        return;
    };
    let shown = extraction.blocks.iter().map(|traced| {
        let original = traced.edits.first().map_or(&traced.block.text, |edit| &edit.before);
        inked(original)
    });
    assert_eq!(
        inked(&page.text),
        shown.sum::<usize>(),
        "every character is accounted for"
    );
}

/// Cleans without rules and with those of the chosen site, under the promises that hold for every page.
fn clean_both(chosen: usize, bytes: &[u8]) {
    if let Some(extraction) = cleaned(bytes, &NONE, PageHints::default()) {
        assert_eq!(extraction.site, None);
        assert_eq!(extraction.method, Method::Generic);
    }
    let sites = SHIPPED.sites();
    let site = sites.get(chosen % (sites.len() + 1)).map(|site| site.name.clone());
    cleaned(
        bytes,
        &SHIPPED,
        PageHints {
            site,
            ..PageHints::default()
        },
    );
}

/// Cleans a page twice and looks at what came out.
fn cleaned(bytes: &[u8], rules: &RuleSet, hints: PageHints) -> Option<Extraction> {
    let raw = RawPage { bytes, hints };
    let limits = small_limits();
    let run = || clean(&raw, rules, CleanOptions::default(), &limits);
    let (extraction, again) = match (run(), run()) {
        (Ok(extraction), Ok(again)) => (extraction, again),
        (Err(error), Err(again)) => {
            assert_eq!(error, again, "the same page fails in the same way");
            return None;
        }
        _ => panic!("the same page can be cleaned and can't"),
    };
    assert_eq!(
        page_json(&extraction),
        page_json(&again),
        "the same page gives the same text"
    );
    assert_eq!(
        removals_json(&extraction),
        removals_json(&again),
        "and the same reasons"
    );
    check_extraction(&extraction);
    Some(extraction)
}

fn check_extraction(extraction: &Extraction) {
    let text = plain(extraction, false);
    let mut rest = text.as_str();
    for traced in &extraction.blocks {
        assert!(!traced.block.text.trim().is_empty(), "no block is empty");
        match &traced.fate {
            Fate::Kept => {
                let at = rest
                    .find(&traced.block.text)
                    .expect("what is kept stands in the text, in its order");
                rest = &rest[at + traced.block.text.len()..];
            }
            Fate::Title => {}
            Fate::Removed(removal) => assert!(!removal.rule.key.is_empty() && !removal.rule.place().is_empty()),
        }
    }
    assert!((0.0..=1.0).contains(&extraction.kept_ratio()));
    let kept: usize = extraction.kept().map(|block| inked(&block.text)).sum();
    assert!(inked(&text) >= kept, "nothing that is kept is missing in the text");
    let went: usize = extraction.removed().values().sum();
    let titles = extraction
        .blocks
        .iter()
        .filter(|traced| traced.fate == Fate::Title)
        .count();
    assert_eq!(went + titles + extraction.kept().count(), extraction.blocks.len());
    assert_eq!(
        removals_json(extraction).as_array().map(Vec::len),
        Some(extraction.blocks.len())
    );
    let metadata = metadata_json(extraction);
    assert!(metadata.is_object());
    if let Some(title) = &extraction.metadata.title {
        assert!(!title.trim().is_empty(), "a title says something");
    }
    assert!(markdown(extraction, true, true).len() >= kept / 4);
}

/// A rule file, and behind a null byte a page for it; without one, two small pages. What compiles has to work.
pub fn rule_file(bytes: &[u8]) {
    let (rules, page) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    };
    let Ok(text) = std::str::from_utf8(rules) else { return };
    let source = SourceFile::new("rules.toml", text);
    check_faults(&Config::parse(&source).1, text);
    let (file, faults) = RuleFile::parse(&source);
    check_faults(&faults, text);
    let (again, faults_again) = RuleFile::parse(&source);
    assert_eq!(faults, faults_again);
    assert_eq!(file.is_some(), again.is_some());
    let Some(file) = file.map(Arc::new) else {
        assert!(
            !faults.is_empty(),
            "a file that does not count has a fault that says why"
        );
        return;
    };
    let site = match &file.layer {
        Layer::Site(name) => Some(name.clone()),
        _ => None,
    };
    let base: Vec<Arc<RuleFile>> = shipped()
        .iter()
        .filter(|file| !matches!(file.layer, Layer::Site(_)))
        .cloned()
        .collect();
    let (set, faults) = RuleSet::assemble(&base, &[file]);
    check_faults(&faults, text);
    let hints = PageHints {
        site,
        ..PageHints::default()
    };
    for page in page.map_or_else(|| vec![HTML.as_bytes(), DUMP.as_bytes()], |page| vec![page]) {
        cleaned(page, &set, hints.clone());
    }
}

fn check_faults(faults: &[Diagnostic], text: &str) {
    // A fault at the very end may stand on the line behind the last break.
    let lines = text.matches('\n').count() + 1;
    for fault in faults {
        assert!(
            fault.line >= 1 && fault.line <= lines,
            "a fault stands inside its file: {fault:?}"
        );
        assert!(
            fault.column >= 1 && fault.column <= fault.source_line.chars().count() + 2,
            "and inside its line: {fault:?}"
        );
        assert!(!fault.message.is_empty());
        assert!(fault.to_string().contains(&fault.message));
    }
}

/// Dates in a text, and with a form where a line break parts the two.
pub fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (form, rest) = text.split_once('\n').unwrap_or(("%Y-%m-%d", &text));
    let found = [date::find(&text), date::dateline(&text), date::with_format(rest, form)];
    for stamp in found.into_iter().flatten() {
        let shown = stamp.to_string();
        assert!(shown.starts_with(&stamp.date().to_string()));
        let year = stamp.date().year();
        assert!((1900..=2100).contains(&year), "{shown}");
        let again = date::find(&shown).expect("a date as it is shown is a date");
        assert_eq!(again.to_string(), shown);
        date::in_zone(stamp, "Asia/Kolkata").expect("every date of these years has an offset there");
    }
}

fn bench(preset: &Preset) -> Bench {
    let shape = Shape {
        places: preset.places(),
        columns: preset.columns.iter().map(|name| (*name).to_owned()).collect(),
        ..Shape::default()
    };
    Bench {
        rules: RuleSet::default(),
        options: CleanOptions::default(),
        limits: small_limits(),
        page_time: Duration::from_hours(1),
        fields: preset.fields(),
        keep_html: false,
        writer: RecordWriter::new(shape, "none"),
    }
}

/// A line of the pipe, behind a byte that chooses the preset: it gives one record, which passes on what came.
pub fn pipe_line(bytes: &[u8]) {
    let (chosen, bytes) = choice(bytes);
    let Some(bench) = BENCHES.get(chosen % BENCHES.len()) else {
        return;
    };
    let bytes = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let answer = bench.answer(&Line::Whole(bytes.to_vec()));
    let record = std::str::from_utf8(&answer.record).expect("a record is UTF-8");
    assert!(
        record.ends_with('\n') && record.matches('\n').count() == 1,
        "a record is one line"
    );
    let (fields, fault) = members(record.trim_end());
    assert_eq!(fault, None, "a record is an object: {record}");
    let places = &bench.writer.shape().places;
    let has = |place: &dehusk::record::Place| place.find(&fields).is_some_and(|field| !field.is_null());
    assert!(has(&places.made_by) || answer.fault.is_some());
    match &answer.fault {
        None => assert!(has(&places.text) && has(&places.metadata), "{record}"),
        Some(fault) => {
            assert_ne!(fault.code, "panic", "{}", fault.message);
            let error = format!("\"code\":\"{}\"", fault.code);
            assert!(record.contains(&error), "{record}");
        }
    }
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    for field in members(line).0 {
        let name = |place: &str| field.is_named(place.trim_start_matches('/').split('/').next().unwrap_or_default());
        let preset = &PRESETS[chosen % PRESETS.len()];
        let own = [
            preset.html,
            preset.bytes,
            preset.text,
            preset.metadata,
            preset.made_by,
            preset.error,
        ];
        if !own.iter().any(|place| name(place)) && !preset.columns.iter().any(|column| name(column)) {
            assert!(
                fields.contains(&field),
                "{} {} is not passed on: {record}",
                field.name(),
                field.value()
            );
        }
    }
}

/// A file as it lies in the inbox, perhaps packed.
pub fn container(bytes: &[u8]) {
    let limits = small_limits();
    match (page_file::read(bytes, &limits), page_file::read(bytes, &limits)) {
        (Ok(page), Ok(again)) => {
            assert_eq!(page, again);
            let most = limits.inflated_bytes_max.max(limits.page_bytes_max);
            assert!(page.len() as u64 <= most, "limits hold");
        }
        (Err(error), Err(again)) => {
            assert_eq!(error.code(), again.code());
            assert!(!error.to_string().is_empty());
        }
        _ => panic!("the same file can be read and can't"),
    }
}

/// Longest record of an archive that is held, in bytes.
const RECORD_BYTES_MAX: u64 = 20_000;

/// Most places of an archive that it is read again from.
const PLACES_MAX: usize = 6;

/// A WARC file, perhaps packed.
pub fn warc(bytes: &[u8]) {
    let mut reader = Reader::new(bytes, RECORD_BYTES_MAX).expect("bytes can be read");
    let found: Vec<Found> = std::iter::from_fn(|| reader.read().expect("bytes can be read")).collect();
    assert!(
        found.is_sorted_by(|one, next| one.place() < next.place()),
        "everything stands somewhere, one behind the other"
    );
    for (index, first) in found.iter().enumerate().take(PLACES_MAX) {
        let again = Reader::from_place(Cursor::new(bytes), first.place(), RECORD_BYTES_MAX);
        let mut again = again.expect("bytes can be read");
        let again: Vec<Found> = std::iter::from_fn(|| again.read().expect("bytes can be read")).collect();
        assert!(again == found[index..], "from every place the same is found again");
    }
    let limits = small_limits();
    for one in found {
        match one {
            Found::Fault(fault) => assert!(!fault.kind.to_string().is_empty()),
            Found::Record(record) => {
                assert!(record.block.len() as u64 <= RECORD_BYTES_MAX.max(SAMPLE_BYTES as u64));
                check_payload(&judge(&record, true, &limits), &limits);
            }
        }
    }
}

fn check_payload(payload: &Payload, limits: &Limits) {
    match payload {
        Payload::Page(page) => {
            assert!(!page.bytes.trim_ascii().is_empty(), "a page says something");
            let most = limits.inflated_bytes_max.max(RECORD_BYTES_MAX);
            assert!(page.bytes.len() as u64 <= most, "limits hold");
        }
        Payload::Other(reason) => assert!(!reason.0.is_empty()),
        Payload::Bad(error) => assert!(!error.code().is_empty() && !error.to_string().is_empty()),
    }
}
