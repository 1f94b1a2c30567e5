//! The log: lines for people, fields for the journal, or JSON.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use tracing_journald::{Priority, PriorityMappings};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use super::names::harmless;
use super::status::Recent;
use crate::config::{LogConfig, LogFormat, LogLevel};
use crate::guard::said;

/// Where systemd says which stream of ours is the journal's.
const JOURNAL_VARIABLE: &str = "JOURNAL_STREAM";

/// What the names of our fields begin with in the journal, so that none is mistaken for one of the journal's own.
const FIELD_PREFIX: &str = "DEHUSK";

type Form = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging to standard error or the journal, and keeps the last errors. A log that the process has already stays
/// as it is.
pub(crate) fn start(config: &LogConfig) -> Recent {
    let recent = Recent::default();
    let started = tracing_subscriber::registry()
        .with(form(config.format).with_filter(level(config.level)))
        .with(recent.clone().with_filter(LevelFilter::WARN))
        .try_init();
    if started.is_err() {
        tracing::debug!("the log was set up before");
    }
    // A panic's own words would break the form of the log.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: {}", harmless(said(panic.payload())));
    }));
    recent
}

fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

fn form(format: LogFormat) -> Form {
    match format {
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_target(false)
            .with_writer(io::stderr)
            .boxed(),
        LogFormat::Journald => journald().unwrap_or_else(human),
        LogFormat::Auto if is_journal() => journald().unwrap_or_else(human),
        LogFormat::Auto | LogFormat::Human => human(),
    }
}

fn human() -> Form {
    fmt::layer()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .boxed()
}

/// The journal's own protocol: the field `site` is `DEHUSK_SITE` there.
fn journald() -> Option<Form> {
    let priorities = PriorityMappings {
        info: Priority::Informational,
        debug: Priority::Debug,
        ..PriorityMappings::new()
    };
    Some(
        tracing_journald::layer()
            .ok()?
            .with_field_prefix(Some(FIELD_PREFIX.to_owned()))
            .with_priority_mappings(priorities)
            .with_syslog_identifier("dehusk".to_owned())
            .boxed(),
    )
}

/// Whether standard error goes to the journal: a process started from a service inherits the variable, but not always
/// the stream.
fn is_journal() -> bool {
    let Ok(stream) = std::env::var(JOURNAL_VARIABLE) else {
        return false;
    };
    let Ok(found) = rustix::fs::fstat(io::stderr().as_fd()) else {
        return false;
    };
    stream == format!("{}:{}", found.st_dev, found.st_ino)
}
