//! `dehusk explain`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::arguments::PageOptions;
use super::failure::Failure;
use super::input::{hints_of, read_page, workbench};
use super::output::{BOLD, ColorChoice, PLAIN, colored, print, safe, tell, tint};
use crate::clean::render::{metadata_json, removals_json};
use crate::clean::{Extraction, Fate, TracedBlock, clean_until};
use crate::guard::within;
use crate::limits::Stop;
use crate::page::RawPage;
use crate::rules::Class;

#[derive(Debug, Args)]
pub(super) struct ExplainCommand {
    /// The page; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) path: PathBuf,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    /// Colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub(super) color: ColorChoice,
    #[command(flatten)]
    pub(super) page: PageOptions,
}

/// Longest pattern that is shown, in characters.
const PATTERN_CHARS_MAX: usize = 70;

/// Explains one page.
pub(super) fn run(options: &ExplainCommand) -> Result<bool, Failure> {
    let bench = workbench(&options.page)?;
    let shown = options.path.display();
    let bytes = match read_page(&options.path, &bench.limits) {
        Ok(bytes) => bytes,
        Err(error) => {
            tell(&format!("dehusk: {shown}: {error}"));
            return Ok(false);
        }
    };
    let raw = RawPage {
        bytes: &bytes,
        hints: hints_of(&options.path, &bench.hints),
    };
    let clean = |stop: &Stop<'_>| clean_until(&raw, &bench.rules, bench.options, &bench.limits, stop);
    match within(bench.page_time, clean) {
        Ok(extraction) if options.json => {
            let page = json!({ "metadata": metadata_json(&extraction), "blocks": removals_json(&extraction) });
            print(&format!("{page:#}\n"))?;
            Ok(true)
        }
        Ok(extraction) => {
            print(&explanation(&extraction, colored(options.color)))?;
            Ok(true)
        }
        Err(error) => {
            tell(&format!("dehusk: {shown}: {error}"));
            Ok(false)
        }
    }
}

/// The whole explanation as text.
fn explanation(extraction: &Extraction, colored: bool) -> String {
    let mut text = head(extraction, colored);
    text.push_str(&fired(extraction));
    text.push('\n');
    for traced in &extraction.blocks {
        text.push_str(&line(traced, colored));
    }
    text
}

fn head(extraction: &Extraction, colored: bool) -> String {
    let (bold, plain) = if colored { (BOLD, PLAIN) } else { ("", "") };
    let evidence = safe(&extraction.evidence);
    let site = match (&extraction.site, evidence.as_str()) {
        (Some(site), _) => format!("{site} (told by {}: {evidence})", extraction.identified_by.name()),
        (None, "") => "unknown: nothing tells it".to_owned(),
        (None, _) => format!("one without rules ({evidence})"),
    };
    let mut text = format!("{bold}site{plain}      {site}\n");
    let charset = format!("{}, {}", extraction.charset, extraction.charset_source.name());
    let own = &extraction.metadata;
    let date = own.date.as_ref().map(ToString::to_string);
    let rows = [
        ("kind", Some(format!("{} ({charset})", extraction.kind.name()))),
        (
            "method",
            Some(format!(
                "{}, rule set {}",
                extraction.method.name(),
                extraction.rule_set
            )),
        ),
        ("title", own.title.clone()),
        ("author", own.author.clone()),
        ("date", date),
        ("url", own.url.clone()),
        ("language", own.language.clone()),
        (
            "kept",
            Some(format!("{:.0} % of the words", extraction.kept_ratio() * 100.0)),
        ),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            text.push_str(&format!("{bold}{name:<9}{plain} {}\n", safe(&value)));
        }
    }
    for warning in &extraction.warnings {
        text.push_str(&format!("{bold}warning{plain}   {}\n", safe(&warning.to_string())));
    }
    text
}

/// Every rule that fired, with its place and how often.
fn fired(extraction: &Extraction) -> String {
    let mut counts: BTreeMap<(String, &str, &str), (Class, usize)> = BTreeMap::new();
    for traced in &extraction.blocks {
        let removal = match &traced.fate {
            Fate::Removed(removal) => Some((&removal.rule, removal.class)),
            _ => None,
        };
        for (rule, class) in removal
            .into_iter()
            .chain(traced.edits.iter().map(|edit| (&edit.rule, edit.rule.class)))
        {
            counts
                .entry((rule.place(), &rule.key, &rule.pattern))
                .or_insert((class, 0))
                .1 += 1;
        }
    }
    let mut text = String::from("\nrules that fired\n");
    for ((place, key, pattern), (class, times)) in counts {
        text.push_str(&format!(
            "  {times:>4} x  {:<11} {place}  {key}  {}\n",
            class.name(),
            shortened(&safe(pattern))
        ));
    }
    text
}

/// One line of the page, with what became of it.
fn line(traced: &TracedBlock, colored: bool) -> String {
    let number = if traced.block.line > 0 {
        format!("{:>5} ", traced.block.line)
    } else {
        String::new()
    };
    let shown = safe(&traced.block.text).replace('\n', "\n      ");
    let edited = traced.edits.iter().fold(String::new(), |mut text, edit| {
        text.push_str(&format!("  [changed by {} {}]", edit.rule.key, edit.rule.place()));
        text
    });
    match &traced.fate {
        Fate::Kept => format!("{number}  {shown}{edited}\n"),
        Fate::Title => format!("{number}# {shown}{edited}\n"),
        Fate::Removed(removal) => {
            let (tint, plain) = if colored {
                (tint(removal.class), PLAIN)
            } else {
                ("", "")
            };
            let why = format!(
                "[{}: {} {}]",
                removal.class.name(),
                removal.rule.key,
                removal.rule.place()
            );
            format!("{tint}{number}- {shown}{edited}  {why}{plain}\n")
        }
    }
}

fn shortened(pattern: &str) -> String {
    if pattern.chars().count() <= PATTERN_CHARS_MAX {
        return pattern.to_owned();
    }
    pattern.chars().take(PATTERN_CHARS_MAX).chain(['…']).collect()
}
