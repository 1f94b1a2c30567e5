//! `dehusk status`.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::{LoadedConfig, require_config};
use super::output::print;
use crate::daemon::status::{
    Answer, Census, Count, ErrorReport, InForce, NowReport, PauseReport, RulesReport, RunState, SCHEMA, SiteReport,
    StatusReport, Totals, ask,
};

#[derive(Debug, Args)]
pub(super) struct StatusCommand {
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    /// Print it again every second.
    #[arg(long)]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// How often `--watch` asks.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Moves the cursor home and clears what is below.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Spans of time, each with its unit.
const SPANS: &[(u64, &str)] = &[(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// Tells what the daemon is doing; says whether it does what it should.
pub(super) fn run(options: &StatusCommand) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    if !options.watch {
        return tell(&loaded, options.json, "");
    }
    let before = if io::stdout().is_terminal() { CLEAR } else { "" };
    loop {
        match tell(&loaded, options.json, before) {
            // Whoever watches wants to see it come back.
            Ok(_) | Err(Failure::NotRunning) => thread::sleep(WATCH_INTERVAL),
            Err(failure) => return Err(failure),
        }
    }
}

fn tell(loaded: &LoadedConfig, as_json: bool, before: &str) -> Result<bool, Failure> {
    let answer = ask(&loaded.config, &loaded.resolve(Path::new(""))).map_err(Failure::Ask)?;
    let text = if as_json {
        format!("{:#}\n", answer_json(&answer))
    } else {
        answer_text(&answer)
    };
    print(&format!("{before}{text}"))?;
    match answer {
        Answer::Running(report) => Ok(report.state != RunState::Paused),
        Answer::Silent { .. } => Ok(false),
        Answer::NotRunning(_) => Err(Failure::NotRunning),
    }
}

fn answer_json(answer: &Answer) -> Value {
    match answer {
        Answer::Running(report) => json!(report),
        Answer::Silent { holder, census } => {
            json!({"schema": SCHEMA, "state": "silent", "pid": holder, "folders": census})
        }
        Answer::NotRunning(census) => json!({"schema": SCHEMA, "state": "not-running", "folders": census}),
    }
}

fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Running(report) => report_text(report),
        Answer::Silent { holder, census } => {
            let holder = holder.map_or_else(|| "a daemon".to_owned(), |pid| format!("the daemon with process {pid}"));
            format!(
                "{holder} holds the spool and does not tell its status (`socket = false`, or it is starting)\n{}",
                census_text(census)
            )
        }
        Answer::NotRunning(census) => format!("no daemon runs; what the folders show:\n{}", census_text(census)),
    }
}

fn census_text(census: &Census) -> String {
    let line = |name: &str, what: &str, count: &Count| {
        let more = if count.whole { "" } else { " and more" };
        let oldest = count
            .oldest_seconds
            .map_or_else(String::new, |age| format!(", the oldest for {}", span(age)));
        format!("  {name:<8}{:>10}{more} {what}{oldest}\n", thousands(count.pages))
    };
    [
        line("inbox", "waiting", &census.inbox),
        line("work", "begun and done again at the next start", &census.work),
        line("outbox", "delivered", &census.outbox),
        line("failed", "failed", &census.failed),
        line("held", "held back by rules", &census.held),
    ]
    .concat()
}

fn report_text(report: &StatusReport) -> String {
    let state = match report.state {
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Stopping => "stopping",
    };
    let mut text = format!(
        "{state}: dehusk {}, process {}, for {}, durability {}\n",
        report.version,
        report.pid,
        span(report.uptime_seconds),
        report.durability
    );
    if let Some(PauseReport { reason, seconds }) = &report.pause {
        text.push_str(&format!("paused for {} because of: {reason}\n", span(*seconds)));
    }
    text.push_str(&now_text(&report.now));
    let totals = &report.since_start;
    text.push_str(&format!(
        "since start  {} delivered, {} failed, {} held\n",
        thousands(totals.delivered),
        thousands(totals.failed),
        thousands(totals.held)
    ));
    let rates = &report.pages_per_second;
    text.push_str(&format!(
        "pages/s      {:.1} over 1 min, {:.1} over 5 min, {:.1} over 15 min\n",
        rates.over_1_minute, rates.over_5_minutes, rates.over_15_minutes
    ));
    text.push_str(&rules_text(&report.rules));
    text.push_str(&sites_text(&report.sites, &report.other_sites));
    text.push_str(&errors_text(report));
    text
}

fn now_text(now: &NowReport) -> String {
    let oldest = now
        .oldest_waiting_seconds
        .map_or_else(String::new, |age| format!(" (oldest for {})", span(age)));
    let more = if now.counted_whole { "" } else { " or more" };
    format!(
        "now          {}{more} waiting{oldest}, {} claimed, {} of {} workers busy, {} in failed, {} in held\n",
        thousands(now.waiting),
        thousands(now.claimed),
        now.at_work,
        now.workers,
        thousands(now.failed_folder),
        thousands(now.held_folder)
    )
}

fn rules_text(rules: &RulesReport) -> String {
    let mut text = format!(
        "rules        {} files in {}, {} sites with the shipped ones, loaded {}\n",
        rules.files, rules.folder, rules.sites, rules.loaded
    );
    for refused in &rules.refused {
        let consequence = match refused.in_force {
            InForce::LastGood => "its last good version is in force",
            InForce::Nothing => "it does not count",
            InForce::Itself => "it counts all the same",
        };
        text.push_str(&format!(
            "  refused    {}: {}; {consequence}\n",
            refused.file, refused.fault
        ));
    }
    let unnamed = rules.refused_count.saturating_sub(rules.refused.len() as u64);
    if unnamed > 0 {
        text.push_str(&format!("  refused    and {unnamed} more\n"));
    }
    text
}

fn sites_text(sites: &[SiteReport], others: &Totals) -> String {
    if sites.is_empty() && others.all() == 0 {
        return String::new();
    }
    let line = |name: &str, pages: &Totals| {
        format!(
            "{name:<40} {:>10} {:>8} {:>8}\n",
            thousands(pages.delivered),
            thousands(pages.failed),
            thousands(pages.held)
        )
    };
    let mut text = format!("\n{:<40} {:>10} {:>8} {:>8}\n", "site", "delivered", "failed", "held");
    text.extend(sites.iter().map(|row| line(&row.site, &row.pages)));
    text.push_str(&line("others and unknown", others));
    text
}

fn errors_text(report: &StatusReport) -> String {
    let mut text = String::new();
    if !report.failures.is_empty() {
        let codes: Vec<String> = report
            .failures
            .iter()
            .map(|(code, pages)| format!("{code} {}", thousands(*pages)))
            .collect();
        text.push_str(&format!("\nfailed by code: {}\n", codes.join(", ")));
    }
    if !report.last_errors.is_empty() {
        text.push_str("\nlast warnings and errors\n");
    }
    for ErrorReport {
        at,
        level,
        message,
        file,
        ..
    } in &report.last_errors
    {
        let file = file.as_ref().map_or_else(String::new, |file| format!("{file}: "));
        text.push_str(&format!("{at} {level:<7} {file}{message}\n"));
    }
    text
}

/// A span of time in its two largest units: `2 h 3 min`.
fn span(seconds: u64) -> String {
    let first = SPANS
        .iter()
        .position(|(unit, _)| seconds >= *unit)
        .unwrap_or(SPANS.len() - 1);
    let mut rest = seconds;
    let parts: Vec<String> = SPANS
        .iter()
        .skip(first)
        .take(2)
        .filter_map(|(unit, name)| {
            let count = rest / unit;
            rest %= unit;
            (count > 0 || seconds == 0).then(|| format!("{count} {name}"))
        })
        .collect();
    parts.join(" ")
}

/// A number in groups of three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_numbers_read_well() {
        assert_eq!(span(0), "0 s");
        assert_eq!(span(59), "59 s");
        assert_eq!(span(7_380), "2 h 3 min");
        assert_eq!(span(86_400), "1 d");
        assert_eq!(span(90_061), "1 d 1 h");
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(123_456), "123,456");
    }

    #[test]
    fn a_report_names_what_needs_a_look() {
        let mut report = StatusReport {
            state: RunState::Paused,
            pause: Some(PauseReport {
                reason: "writing outputs: No space left on device".to_owned(),
                seconds: 75,
            }),
            ..StatusReport::default()
        };
        report.rules.refused.push(crate::daemon::status::RefusedFile {
            file: "rules/a.toml".to_owned(),
            fault: "line 3, column 1: no such key".to_owned(),
            in_force: InForce::LastGood,
        });
        report.rules.refused_count = 3;
        let text = report_text(&report);
        assert!(
            text.contains("paused for 1 min 15 s because of: writing outputs: No space"),
            "{text}"
        );
        assert!(
            text.contains("rules/a.toml: line 3, column 1: no such key; its last good version is in force"),
            "{text}"
        );
        assert!(text.contains("and 2 more"), "{text}");
    }
}
