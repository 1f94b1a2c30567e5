//! How well each site's rules still fit: noted page by page, told when it changes, kept across restarts.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::names::{harmless, shown};
use super::spool::Spool;
use crate::clean::{Extraction, Warning};
use crate::drift::{DRIFT_FILE, Drift, Finding, action_after};
use crate::rules::model::OnDrift;
use crate::rules::{RuleSet, Site};

/// Largest such file that is read, in bytes.
const DRIFT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Judges pages against those that came before them.
#[derive(Debug, Default)]
pub(crate) struct DriftStore {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    drift: Drift,
    /// What was last told about each site.
    told: HashMap<String, Vec<&'static str>>,
    changed: bool,
}

impl DriftStore {
    /// Takes up what an earlier run remembered. A file that can't be read costs no more than that.
    pub(crate) fn load(spool: &Spool) -> Self {
        let path = path(spool);
        let drift = match fs::metadata(&path) {
            Ok(found) if found.len() <= DRIFT_BYTES_MAX => fs::read(&path).ok(),
            _ => None,
        };
        let drift = drift.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if drift.is_none() && path.exists() {
            tracing::warn!(
                file = shown(&path),
                "what was remembered of the sites' rules can't be read and is begun anew"
            );
        }
        let inner = Inner {
            drift: drift.unwrap_or_default(),
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    /// Notes a page, tells what has changed about its site, and says what is to happen with it. `without_rules` cleans
    /// the page without the site's rules; it is asked for few pages.
    pub(crate) fn judge(
        &self,
        rules: &RuleSet,
        extraction: &Extraction,
        without_rules: impl FnOnce() -> Option<Extraction>,
    ) -> OnDrift {
        let Some(site) = extraction.site.as_ref().and_then(|name| rules.site_of_name(name)) else {
            return OnDrift::Warn;
        };
        let wanted = self.locked().drift.wants_comparison(site);
        let without = wanted.then(without_rules).flatten();
        let mut inner = self.locked();
        inner.drift.note(site, extraction, without.as_ref());
        inner.changed = true;
        let findings = inner.drift.findings(site);
        inner.tell(site, &findings);
        let falls_short = extraction
            .warnings
            .iter()
            .any(|warning| matches!(warning, Warning::Unexpected { .. }));
        if falls_short {
            action_after(site, &findings)
        } else {
            OnDrift::Warn
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what is remembered, if it has changed.
    pub(crate) fn save(&self, spool: &Spool) {
        let mut inner = self.locked();
        if !std::mem::take(&mut inner.changed) {
            return;
        }
        let Ok(bytes) = serde_json::to_vec(&inner.drift) else {
            return;
        };
        if let Err(error) = spool.save_state(DRIFT_FILE, &bytes) {
            tracing::warn!("what is remembered of the sites' rules could not be written: {error}");
            inner.changed = true;
        }
    }

    /// Forgets what is remembered of sites whose rules have changed: it was about other rules.
    pub(crate) fn forget_changed(&self, before: &RuleSet, now: &RuleSet) {
        let mut inner = self.locked();
        let hash = |rules: &RuleSet, name: &str| rules.site_of_name(name).map(|site| site.rules().hash.clone());
        let names: Vec<String> = inner.drift.sites().map(|(name, _)| name.to_owned()).collect();
        for name in names.iter().filter(|name| hash(before, name) != hash(now, name)) {
            inner.drift.forget(name);
            inner.told.remove(name);
            inner.changed = true;
        }
    }
}

impl Inner {
    /// Tells the findings about a site when there are other ones than last time.
    fn tell(&mut self, site: &Site, findings: &[Finding]) {
        let codes: Vec<&'static str> = findings.iter().map(Finding::code).collect();
        let before = self.told.insert(site.name.clone(), codes.clone());
        if before.as_ref() == Some(&codes) || before.is_none() && codes.is_empty() {
            return;
        }
        if codes.is_empty() {
            tracing::info!(site = site.name, "the site's rules fit its pages again");
        }
        for finding in findings {
            tracing::warn!(
                site = site.name,
                finding = finding.code(),
                "{}",
                harmless(&finding.to_string())
            );
        }
    }
}

fn path(spool: &Spool) -> PathBuf {
    spool.folders().state.join(DRIFT_FILE)
}
