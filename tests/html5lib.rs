//! Holds the tokeniser to the HTML standard: to the cases of html5lib, and to html5ever's own tokeniser on real pages and
//! on mark-up soup.
//!
//! All the cases for tokenisers are run that html5ever runs on itself: those under `tests` in each `.test` file. Those
//! under `xmlViolationTests` are for tokenisers whose tree becomes XML. Cases with half a surrogate pair can't be put in
//! UTF-8 and are left out. Parse errors are not compared, because none are reported. Where the cases or the pages are not
//! beside the project, a line says so.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and says what it did not do"
)]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use dehusk::page::{Page, PageHints, RawPage};
use html5ever::tokenizer::{TagKind, Token};
use serde_json::{Value, json};

#[path = "../fuzz/src/tokeniser.rs"]
#[expect(
    unreachable_pub,
    dead_code,
    reason = "it is a module of a library of its own for the fuzzers"
)]
mod oracle;

use oracle::{BEGINNINGS, check_tokens, check_trees, expected_tokens, tokens};

/// What the cases call the states in which the tokeniser may begin, in the order of `BEGINNINGS`.
const STATES: [&str; 6] = [
    "Data state",
    "RCDATA state",
    "RAWTEXT state",
    "Script data state",
    "PLAINTEXT state",
    "CDATA section state",
];

/// Of the pages of the corpora a build without optimisation takes every so manieth.
const PAGES_STEP: usize = if cfg!(debug_assertions) { 25 } else { 1 };

/// Soups that are made.
const SOUPS: u64 = if cfg!(debug_assertions) { 1_500 } else { 100_000 };

/// Pieces of mark-up that mean something to some state or other.
const PIECES: &str = include_str!("html5lib/pieces.txt");

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpora")
        .join(folder);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("{} is absent: its files are not tested", folder.display());
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.to_str().unwrap().ends_with(ending));
    found.sort();
    found
}

/// A case with its input and output as they are meant; none where they are not text.
struct Case<'a> {
    value: &'a Value,
    input: String,
    output: Value,
}

fn case(case: &Value) -> Option<Case<'_>> {
    let twice = case["doubleEscaped"] == json!(true);
    let meant = |value: &Value| {
        if twice { unescaped(value) } else { Some(value.clone()) }
    };
    Some(Case {
        input: meant(&case["input"])?.as_str()?.to_owned(),
        output: meant(&case["output"])?,
        value: case,
    })
}

/// A value in whose strings `\uXXXX` is read once more; none where that is half a surrogate pair.
fn unescaped(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => unescaped_text(text).map(Value::String),
        Value::Array(values) => values
            .iter()
            .map(unescaped)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        Value::Object(values) => values
            .iter()
            .map(|(key, value)| Some((unescaped_text(key)?, unescaped(value)?)))
            .collect::<Option<serde_json::Map<_, _>>>()
            .map(Value::Object),
        other => Some(other.clone()),
    }
}

fn unescaped_text(text: &str) -> Option<String> {
    let mut pieces = text.split("\\u");
    let mut units: Vec<u16> = pieces.next()?.encode_utf16().collect();
    for piece in pieces {
        let (digits, rest) = piece.split_at(4);
        units.push(u16::from_str_radix(digits, 16).ok()?);
        units.extend(rest.encode_utf16());
    }
    String::from_utf16(&units).ok()
}

/// Tokens as the cases write them, neighbouring text as one.
fn written(tokens: &[Token]) -> Vec<Value> {
    let mut written: Vec<Value> = Vec::new();
    for token in tokens {
        let value = match token {
            Token::CharacterTokens(text) => json!(["Character", &**text]),
            Token::NullCharacterToken => json!(["Character", "\0"]),
            Token::CommentToken(text) => json!(["Comment", &**text]),
            Token::DoctypeToken(doctype) => {
                let text = |part: &Option<html5ever::tendril::StrTendril>| part.as_deref().map(str::to_owned);
                json!([
                    "DOCTYPE",
                    text(&doctype.name),
                    text(&doctype.public_id),
                    text(&doctype.system_id),
                    !doctype.force_quirks
                ])
            }
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => json!(["EndTag", &*tag.name]),
            Token::TagToken(tag) => {
                let pairs = tag
                    .attrs
                    .iter()
                    .map(|pair| (pair.name.local.to_string(), json!(&*pair.value)));
                let attributes: serde_json::Map<String, Value> = pairs.collect();
                if tag.self_closing {
                    json!(["StartTag", &*tag.name, attributes, true])
                } else {
                    json!(["StartTag", &*tag.name, attributes])
                }
            }
            Token::EOFToken | Token::ParseError(_) => continue,
        };
        push_joined(&mut written, value);
    }
    written
}

fn push_joined(written: &mut Vec<Value>, value: Value) {
    if let Some(before) = written.last_mut()
        && before[0] == "Character"
        && value[0] == "Character"
    {
        before[1] = json!(before[1].as_str().unwrap().to_owned() + value[1].as_str().unwrap());
    } else {
        written.push(value);
    }
}

/// Runs a case in each of its states; how many those were.
fn run(case: &Case<'_>) -> usize {
    let mut expected = Vec::new();
    for token in case.output.as_array().unwrap() {
        push_joined(&mut expected, token.clone());
    }
    let default = json!(["Data state"]);
    let states = case.value.get("initialStates").unwrap_or(&default).as_array().unwrap();
    for state in states {
        let position = STATES.iter().position(|name| state == name).unwrap();
        let (content, oracle_state, _) = BEGINNINGS[position];
        let start_tag = case.value["lastStartTag"].as_str().unwrap_or_default();
        let found = tokens(&case.input, content, start_tag, false);
        assert_eq!(written(&found), expected, "{state}: {}", case.value);
        assert_eq!(
            found,
            expected_tokens(&case.input, oracle_state, start_tag, false),
            "{state}: {}",
            case.value
        );
    }
    states.len()
}

#[test]
fn the_cases_of_html5lib_give_their_tokens() {
    let (mut ran, mut left_out) = (0, 0);
    for path in files("html5lib-tests/tokenizer", ".test") {
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for value in file["tests"].as_array().into_iter().flatten() {
            match case(value) {
                Some(case) => ran += run(&case),
                None => left_out += 1,
            }
        }
    }
    println!("{ran} cases of html5lib ran, {left_out} are no text");
    assert!(ran == 0 || ran > 6_000, "all the cases are found");
}

#[test]
fn real_pages_give_the_tree_that_html5ever_gives() {
    let mut pages = files("wcxb-dev/pages", ".gz");
    pages.extend(files("fundus-dev/pages", ".gz"));
    let mut count = 0;
    for path in pages.iter().step_by(PAGES_STEP) {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).unwrap();
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
        let hints = PageHints::default();
        let Ok(page) = Page::decode(&RawPage { bytes: &bytes, hints }) else {
            continue;
        };
        // The text of a page is long; its name says enough.
        assert!(
            oracle::tree(&page.text) == oracle::expected_tree(&page.text),
            "{}",
            path.display()
        );
        count += 1;
    }
    println!("{count} of {} pages give the same trees", pages.len());
}

/// A generator of pseudo-random numbers (xorshift64), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

/// A soup of pieces, some of them cut short.
fn soup(random: &mut Random, pieces: &[String]) -> String {
    let mut soup = String::new();
    for _ in 0..=random.below(40) {
        let piece = &pieces[random.below(pieces.len())];
        let end = if random.below(8) == 0 {
            piece.floor_char_boundary(random.below(piece.len() + 1))
        } else {
            piece.len()
        };
        soup.push_str(piece.get(..end).unwrap());
    }
    soup
}

#[test]
fn soups_of_mark_up_give_the_tokens_and_the_tree_that_html5ever_gives() {
    let named = |line: &str| {
        line.replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("\\t", "\t")
            .replace("\\f", "\x0c")
            .replace("\\0", "\0")
            .replace("\\b", "\u{feff}")
    };
    let pieces: Vec<String> = PIECES.lines().map(named).collect();
    for seed in 1..=SOUPS {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let soup = soup(&mut random, &pieces);
        check_tokens(&soup);
        check_trees(&soup);
    }
}

#[test]
fn pieces_that_stand_alone_end_in_every_state() {
    let pieces: Vec<&str> = PIECES.lines().collect();
    for piece in pieces {
        for end in (0..=piece.len()).filter(|end| piece.is_char_boundary(*end)) {
            let cut = piece.get(..end).unwrap();
            check_tokens(cut);
            check_trees(&format!("<svg>{cut}"));
        }
    }
}
