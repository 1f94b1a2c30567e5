//! Pages that are made to cost: each is cleaned, or refused by the name of a limit. `.ci/bombs` measures what they cost.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::sync::Arc;

use dehusk::clean::render::plain;
use dehusk::clean::{CleanOptions, Extraction, clean, clean_until};
use dehusk::guard::guarded;
use dehusk::limits::{Limits, Stop};
use dehusk::page::{PageError, PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;

fn raw(page: &str) -> RawPage<'_> {
    RawPage {
        bytes: page.as_bytes(),
        hints: PageHints::default(),
    }
}

fn cleaned(page: &str, limits: &Limits) -> Result<Extraction, PageError> {
    let (rules, _) = RuleSet::assemble(shipped(), &[]);
    clean(&raw(page), &rules, CleanOptions::default(), limits)
}

/// Cleans a page whose tree breaks a limit, and checks what is said of it.
fn without_tree(page: &str, limits: &Limits, why: &str) -> String {
    let extraction = cleaned(page, limits).unwrap();
    let said: Vec<String> = extraction.warnings.iter().map(ToString::to_string).collect();
    let mark = |warning: &String| warning.starts_with("parsed without a tree") && warning.contains(why);
    assert!(said.iter().any(mark), "{said:?}");
    plain(&extraction, true)
}

#[test]
fn pages_that_are_nested_too_deep_give_their_text() {
    for (opening, times) in [("<div>", 96_000), ("<ul><li>", 8_000), ("<b><div>", 20_000)] {
        let page = format!(
            "<html><body><h1>Deep</h1><p>Before &amp; around.{}<p>In it.",
            opening.repeat(times)
        );
        let text = without_tree(
            &page,
            &Limits::default(),
            "nested deeper than 512 (limits.tree-depth-max)",
        );
        assert_eq!(text, "Deep\n\nBefore & around.\n\nIn it.\n", "{opening}");
    }
}

#[test]
fn pages_of_too_many_elements_or_attributes_give_their_text() {
    let limits = Limits {
        tree_nodes_max: 10_000,
        tree_attributes_max: 10_000,
        ..Limits::default()
    };
    let elements = format!("<html><body><p>First.{}<p>Last.", "<i></i>".repeat(20_000));
    assert_eq!(
        without_tree(&elements, &limits, "limits.tree-nodes-max"),
        "First.\n\nLast.\n"
    );
    let attributes = format!("<html><body><p>First.{}<p>Last.", "<i a b c d></i>".repeat(4_000));
    assert_eq!(
        without_tree(&attributes, &limits, "limits.tree-attributes-max"),
        "First.\n\nLast.\n"
    );
}

#[test]
fn pages_of_too_many_blocks_give_their_text() {
    let limits = Limits {
        blocks_max: 1_000,
        ..Limits::default()
    };
    let page = |paragraphs| format!("<html><body><h1>Many</h1>{}<p>Last.", "<p>a</p>".repeat(paragraphs));
    let text = without_tree(
        &page(999),
        &limits,
        "the page has more than 1000 blocks (limits.blocks-max)",
    );
    assert!(text.starts_with("Many\n") && text.ends_with("\nLast.\n"), "{text}");
    assert_eq!(cleaned(&page(998), &limits).unwrap().warnings, []);
}

#[test]
fn a_deep_page_without_a_word_is_refused() {
    let error = cleaned(&format!("<html><body>{}", "<div>".repeat(20_000)), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "too-deep");
}

#[test]
fn an_element_with_endless_attributes_costs_its_attributes_alone() {
    let many: String = (0..500_000).map(|number| format!("a{number}=1 ")).collect();
    let page = format!("<html><body><h1>Title</h1><p {many}>One paragraph of some words.</p>");
    let extraction = cleaned(&page, &Limits::default()).unwrap();
    assert_eq!(
        extraction.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["attributes of an element beyond the first 1000 were left out (limits.element-attributes-max)"]
    );
    assert!(
        extraction
            .blocks
            .iter()
            .any(|traced| traced.block.text == "One paragraph of some words.")
    );
}

#[test]
fn long_classes_values_texts_and_comments_are_fine() {
    let class = format!("<p class='{}'>", "word ".repeat(400_000));
    let value = format!("<p title='{}'>", "word ".repeat(400_000));
    let comment = format!("<!--{}-->", " a=1 ".repeat(400_000));
    let text = "word ".repeat(400_000);
    for hostile in [&class, &value, &comment, &text] {
        let page = format!("<html><body><h1>Title</h1>{hostile}<p>Some words at the end.");
        let extraction = cleaned(&page, &Limits::default()).unwrap();
        assert_eq!(extraction.blocks.last().unwrap().block.text, "Some words at the end.");
    }
}

#[test]
fn dumps_of_too_many_lines_are_refused_and_long_lines_are_fine() {
    let limits = Limits {
        lines_max: 1_000,
        ..Limits::default()
    };
    assert!(cleaned(&"a\n\n".repeat(1_000), &limits).is_ok());
    let error = cleaned(&"a\n".repeat(1_001), &limits).unwrap_err();
    assert_eq!(error.code(), "too-many-lines");
    assert_eq!(
        error.to_string(),
        "the text has more than 1000 lines (limits.lines-max)"
    );
    assert_eq!(cleaned(&"a.B".repeat(700_000), &limits).unwrap().blocks.len(), 1);
}

/// Pages that go through every stage: one of a site with rules over elements and lines, one without, a text dump, and
/// one whose tree breaks a limit.
fn stages() -> (RuleSet, Vec<String>) {
    let rules = r#"schema = 1
site = "a.example"
[html]
replace = [{ re = "(?i)teh ", with = "the " }]
rename = [{ css = "b", to = "h2" }]
keep = ["main"]
strip = ["p.ad", "b"]
[text]
drop-line = ["Read more *"]
"#;
    let (file, faults) = RuleFile::parse(&SourceFile::new("a.toml", rules));
    let file = file.unwrap_or_else(|| panic!("{faults:?}"));
    let (rules, _) = RuleSet::assemble(shipped(), &[Arc::new(file)]);
    let paragraphs =
        "<p>A paragraph of some words, and a few more of them.</p><p class=ad>Buy.</p><b>Teh x</b>".repeat(100);
    let lines = "A line of some words, and a few more of them.\n".repeat(300);
    let pages = vec![
        format!("<link rel=canonical href='https://a.example/x'><body><h1>Title</h1><main>{paragraphs}</main>"),
        format!("<html><body><h1>Title</h1>{paragraphs}"),
        lines,
        "<div>".repeat(20_000) + "x",
    ];
    (rules, pages)
}

#[test]
fn every_stage_ends_when_the_time_is_over() {
    let (rules, pages) = stages();
    for page in pages {
        let mut looks = 0_usize;
        // The time is over at the first look, at the second, and so on, until it lasts for the whole page.
        loop {
            let left = Cell::new(looks);
            let may_go_on = || left.replace(left.get().saturating_sub(1)) > 0;
            let stop = Stop::unless(&may_go_on);
            match clean_until(&raw(&page), &rules, CleanOptions::default(), &Limits::default(), &stop) {
                Ok(_) => break,
                Err(error) => assert_eq!(error.code(), "timed-out"),
            }
            looks += 1;
        }
        assert!(looks > 3, "the time is looked at often enough to tell");
    }
}

/// Looks from one that panics to the next that is tried.
const PANICS_STEP: usize = 5;

#[test]
fn a_panic_in_any_stage_is_an_error_of_its_page_and_leaves_nothing_broken_behind() {
    let (rules, pages) = stages();
    let cleaned = |page: &str, panics_at: usize| {
        let looks = Cell::new(0);
        let may_go_on = || {
            looks.set(looks.get() + 1);
            assert!(looks.get() != panics_at, "out of luck");
            true
        };
        let stop = Stop::unless(&may_go_on);
        let result = guarded(|| clean_until(&raw(page), &rules, CleanOptions::default(), &Limits::default(), &stop));
        (result, looks.get())
    };
    for page in pages {
        let (whole, looks) = cleaned(&page, usize::MAX);
        let whole = plain(&whole.unwrap().unwrap(), true);
        assert!(looks > 3, "{looks}");
        for panics_at in (1..=looks).step_by(PANICS_STEP) {
            let (result, _) = cleaned(&page, panics_at);
            assert!(result.unwrap_err().ends_with("out of luck"));
        }
        let (again, _) = cleaned(&page, usize::MAX);
        assert_eq!(plain(&again.unwrap().unwrap(), true), whole);
    }
}
