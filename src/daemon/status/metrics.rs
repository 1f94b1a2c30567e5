//! The same numbers for monitors, in the text form of `OpenMetrics`, which Prometheus reads.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::report::{RunState, SiteReport, StatusReport, Totals};

/// The media type of the answer.
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The label under which all sites without rules of their own are counted.
const OTHER_SITES: &str = "other";

/// Bounds of the buckets for the time that a page takes, in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Picks one of the counts.
type Pick = fn(&Totals) -> u64;

/// Names of labels with their values.
type Labels = Vec<(&'static str, String)>;

/// How long delivered pages took, from the beginning of the work to the end.
#[derive(Debug, Clone)]
pub(super) struct PageTimes(Histogram);

impl Default for PageTimes {
    fn default() -> Self {
        Self(Histogram::new(SECONDS.iter().copied()))
    }
}

impl PageTimes {
    /// Notes one page.
    pub(super) fn observe(&self, took: Duration) {
        self.0.observe(took.as_secs_f64());
    }
}

/// What a monitor is told.
pub(super) struct Numbers<'a> {
    /// The report.
    pub(super) report: &'a StatusReport,
    /// The sites with rules, which are counted by name, and all others.
    pub(super) sites: (Vec<SiteReport>, Totals),
    /// How long pages took.
    pub(super) times: &'a PageTimes,
}

/// The text.
pub(super) fn encode(numbers: &Numbers<'_>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("dehusk");
    let version = ("version", numbers.report.version.clone());
    registry.register("build", "The program", Info::new(vec![version]));
    add_ended(&mut registry, numbers);
    add_places(&mut registry, numbers.report);
    add_state(&mut registry, numbers.report);
    let help = "Time from the beginning of the work on a page to its delivery";
    registry.register_with_unit("page", help, Unit::Seconds, numbers.times.0.clone());
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

/// Pages that have ended, by site, and failures by code.
fn add_ended(registry: &mut Registry, numbers: &Numbers<'_>) {
    let (rows, others) = &numbers.sites;
    let endings: [(&str, &str, Pick); 3] = [
        ("pages_delivered", "Pages whose outputs are in the outbox", |pages| {
            pages.delivered
        }),
        ("pages_failed", "Pages that went to the failed folder", |pages| {
            pages.failed
        }),
        ("pages_held", "Pages whose outputs are held back by rules", |pages| {
            pages.held
        }),
    ];
    for (name, help, pick) in endings {
        let family = Family::<Labels, Counter>::default();
        let count = |site: &str, pages: &Totals| {
            let labels = vec![("site", site.to_owned())];
            family.get_or_create(&labels).inc_by(pick(pages));
        };
        for row in rows {
            count(&row.site, &row.pages);
        }
        count(OTHER_SITES, others);
        registry.register(name, help, family);
    }
    let family = Family::<Labels, Counter>::default();
    for (code, pages) in &numbers.report.failures {
        family.get_or_create(&vec![("code", code.clone())]).inc_by(*pages);
    }
    registry.register(
        "failures",
        "Pages that went to the failed folder, by the code in their reason files",
        family,
    );
}

/// Where pages are now.
fn add_places(registry: &mut Registry, report: &StatusReport) {
    let now = &report.now;
    let places = [
        ("waiting_pages", "Pages in the inbox", now.waiting),
        (
            "claimed_pages",
            "Pages that were claimed and have not ended",
            now.claimed,
        ),
        ("working_pages", "Pages that workers have on their desks", now.at_work),
        (
            "failed_folder_pages",
            "Pages in the failed folder, from earlier runs too",
            now.failed_folder,
        ),
        (
            "held_folder_pages",
            "Pages in the held folder, from earlier runs too",
            now.held_folder,
        ),
        ("workers", "Workers", now.workers),
        ("rule_files", "Rule files of the user's that count", report.rules.files),
        (
            "rule_files_refused",
            "Rule files that do not count as they stand",
            report.rules.refused_count,
        ),
        ("rule_sites", "Sites with rules", report.rules.sites),
    ];
    for (name, help, value) in places {
        registry.register(name, help, gauge(value));
    }
    let help = "How long the oldest page has been in the inbox";
    let oldest = gauge(now.oldest_waiting_seconds.unwrap_or_default());
    registry.register_with_unit("oldest_waiting", help, Unit::Seconds, oldest);
}

/// Whether work goes on, and since when.
fn add_state(registry: &mut Registry, report: &StatusReport) {
    let is_paused = u64::from(report.pause.is_some());
    registry.register("paused", "1 while trouble holds up the work, else 0", gauge(is_paused));
    let is_stopping = u64::from(report.state == RunState::Stopping);
    registry.register("stopping", "1 while the daemon stops, else 0", gauge(is_stopping));
    let started = report.started.parse::<Timestamp>().map_or(0, Timestamp::as_second);
    let start = gauge(u64::try_from(started).unwrap_or_default());
    registry.register_with_unit("start_time", "When the daemon began, since 1970", Unit::Seconds, start);
}

fn gauge(value: u64) -> Gauge<u64, AtomicU64> {
    let gauge = Gauge::<u64, AtomicU64>::default();
    gauge.set(value);
    gauge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sites_can_break_no_line_and_the_start_does_not_move() {
        let report = StatusReport {
            started: "2024-05-01T12:00:00Z".to_owned(),
            uptime_seconds: 7,
            ..StatusReport::default()
        };
        let row = SiteReport {
            site: "a\"} 1\n\\b".to_owned(),
            has_rules: true,
            pages: Totals {
                delivered: 3,
                ..Totals::default()
            },
        };
        let text = encode(&Numbers {
            report: &report,
            sites: (vec![row], Totals::default()),
            times: &PageTimes::default(),
        })
        .unwrap();
        assert!(
            text.contains("dehusk_pages_delivered_total{site=\"a\\\"} 1\\n\\\\b\"} 3\n"),
            "{text}"
        );
        assert!(text.contains("dehusk_start_time_seconds 1714564800\n"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}
