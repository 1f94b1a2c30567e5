//! The end of a page's way, for one or for many at once: outputs to the disk, outputs into place, page out of `work`.
//!
//! The order is the promise: what is written aside is on the disk before any of it is published, and what is published
//! stays published before any page moves on. Pages that are committed together share the syncs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use super::delivery::StagedDelivery;
use super::names::{harmless, shown};
use super::spool::{Claim, Spool};
use super::status::Board;
use super::trouble::{Trouble, again, of_writing};
use crate::clean::Extraction;

/// A page whose outputs lie in `tmp`, whole.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) delivery: StagedDelivery,
    pub(super) sha256: String,
    pub(super) summary: Summary,
    pub(super) started: Instant,
}

/// What the log tells of a page once it is delivered.
#[derive(Debug)]
pub(crate) struct Summary {
    site: Option<String>,
    identified_by: &'static str,
    rule_set: String,
    method: &'static str,
    kept_ratio: Option<f64>,
    held: Option<String>,
    warnings: Vec<String>,
}

impl Summary {
    /// What is told of an extraction with its metadata.
    pub(super) fn of(extraction: &Extraction, metadata: &Value) -> Self {
        Self {
            site: extraction.site.clone(),
            identified_by: extraction.identified_by.name(),
            rule_set: extraction.rule_set.clone(),
            method: extraction.method.name(),
            kept_ratio: metadata.get("kept_ratio").and_then(Value::as_f64),
            held: extraction.held.as_ref().map(|held| held.to.clone()),
            warnings: extraction.warnings.iter().map(ToString::to_string).collect(),
        }
    }

    /// The page's site, if it has rules.
    pub(super) fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }

    fn count(&self, board: &Board, started: Instant) {
        // A page is of a site only where that has rules.
        let has_rules = self.site.is_some();
        board.count_delivered(self.site(), has_rules, self.held.is_some(), started.elapsed());
    }

    fn log(&self, claim: &Claim, stem: &Path, started: Instant) {
        for warning in &self.warnings {
            tracing::warn!(file = shown(claim.source()), "{}", harmless(warning));
        }
        tracing::info!(
            site = self.site,
            identified_by = self.identified_by,
            rule_set = self.rule_set,
            file = shown(claim.source()),
            output = shown(Path::new(stem.file_name().unwrap_or_default())),
            method = self.method,
            kept_ratio = self.kept_ratio,
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            held = self.held,
            "page delivered"
        );
    }
}

/// Brings pages to their end, all at once; tells of each how that went, in their order.
pub(super) fn commit(spool: &Spool, board: &Board, batch: &mut [(&Claim, Prepared)]) -> Vec<Result<(), Trouble>> {
    let outputs: Vec<_> = batch.iter().flat_map(|(_, page)| page.delivery.outputs()).collect();
    if let Err(error) = spool.sync_outputs(&outputs) {
        return batch.iter().map(|(_, page)| Err(page.trouble(again(&error)))).collect();
    }
    let published: Vec<Result<PathBuf, Trouble>> = batch
        .iter_mut()
        .map(|(claim, page)| {
            let stem = page.delivery.publish(spool, claim);
            stem.map_err(|error| page.trouble(error))
        })
        .collect();
    let folders: BTreeSet<PathBuf> = batch
        .iter()
        .zip(&published)
        .filter(|(_, published)| published.is_ok())
        .map(|((_, page), _)| page.delivery.folder().to_owned())
        .collect();
    let settled = spool.settle_folders(&folders);
    let finish = |((claim, page), published): (&(&Claim, Prepared), Result<PathBuf, Trouble>)| {
        let stem = published?;
        settled.as_ref().map_err(|error| page.trouble(again(error)))?;
        spool
            .finish(claim)
            .map_err(|error| Trouble::Machine("moving a page out of the work folder", error))?;
        page.summary.count(board, page.started);
        page.summary.log(claim, &stem, page.started);
        Ok(())
    };
    batch.iter().zip(published).map(finish).collect()
}

/// Brings one page to its end.
pub(super) fn commit_one(spool: &Spool, board: &Board, claim: &Claim, page: Prepared) -> Result<(), Trouble> {
    commit(spool, board, &mut [(claim, page)]).into_iter().collect()
}

impl Prepared {
    fn trouble(&self, error: std::io::Error) -> Trouble {
        of_writing(error, &self.sha256, self.summary.site())
    }
}
