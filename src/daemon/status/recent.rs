//! The last warnings and errors of the log, so that they can be asked for.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::super::names::harmless;
use super::super::reason::rfc3339;
use super::report::ErrorReport;

/// Most messages that are kept.
const KEPT_MAX: usize = 20;

/// Longest text of a field that is kept, in characters.
const CHARACTERS_MAX: usize = 500;

/// A ring of messages, filled by the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<ErrorReport>>>);

impl Recent {
    /// The messages, newest last.
    pub(super) fn list(&self) -> Vec<ErrorReport> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    fn push(&self, report: ErrorReport) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(report);
    }
}

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::WARN {
            return;
        }
        let mut report = ErrorReport {
            at: rfc3339(Timestamp::now()),
            level: if level == Level::ERROR { "error" } else { "warning" }.to_owned(),
            ..ErrorReport::default()
        };
        event.record(&mut Fields(&mut report));
        self.push(report);
    }
}

/// Picks the fields that are kept.
struct Fields<'a>(&'a mut ErrorReport);

impl Fields<'_> {
    fn take(&mut self, field: &Field, text: &str) {
        // A rule file's fault goes on with the line that it is in; the log has that.
        let text = text.lines().next().unwrap_or_default();
        let text = || harmless(text).chars().take(CHARACTERS_MAX).collect();
        match field.name() {
            "message" => self.0.message = text(),
            "file" => self.0.file = Some(text()),
            "site" => self.0.site = Some(text()),
            "code" => self.0.code = Some(text()),
            _ => {}
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn warnings_and_errors_are_kept_with_their_fields_and_no_more_than_a_few() {
        let recent = Recent::default();
        let subscriber = tracing_subscriber::registry().with(recent.clone());
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..KEPT_MAX {
                tracing::warn!("number {number}");
            }
            tracing::info!("all is well");
            tracing::error!(
                file = "a/x.html",
                code = "panic",
                "{}\nmore",
                "ö\u{1b}".repeat(CHARACTERS_MAX)
            );
        });
        let list = recent.list();
        assert_eq!(list.len(), KEPT_MAX);
        assert_eq!(list.first().unwrap().message, "number 1");
        let last = list.last().unwrap();
        assert_eq!((last.level.as_str(), last.code.as_deref()), ("error", Some("panic")));
        assert_eq!(last.file.as_deref(), Some("a/x.html"));
        assert_eq!(last.message.chars().count(), CHARACTERS_MAX);
        assert!(last.message.starts_with("ö\\u{1b}ö") && !last.message.contains("more"));
    }
}
