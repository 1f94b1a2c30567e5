//! The ledger of claims that have not ended: which wait, and which the workers have.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::pool::{Pool, Report};
use super::spool::Claim;
use super::worker::Outcome;

/// All claims that have not ended.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Claims of earlier runs that were being worked on when those ended. One of them may have been the cause, so each
    /// is worked on alone: the others must not be counted among its victims again.
    suspects: VecDeque<Claim>,
    suspect_runs: bool,
    /// Claims that wait for room in the queue.
    backlog: VecDeque<Claim>,
    /// The paths in the inbox of all of them.
    held: HashSet<PathBuf>,
    /// How many of them the workers have.
    handed: usize,
}

impl Ledger {
    /// A ledger of what an earlier run left.
    pub(crate) fn new(recovered: Vec<Claim>) -> Self {
        let held = recovered.iter().map(|claim| claim.source().to_owned()).collect();
        let (suspects, backlog) = recovered.into_iter().partition(|claim| claim.attempt() > 0);
        Self {
            suspects,
            backlog,
            held,
            ..Self::default()
        }
    }

    /// Whether a path is claimed. Its successor has to wait, or an old page could overtake a new one.
    pub(crate) fn holds(&self, source: &Path) -> bool {
        self.held.contains(source)
    }

    /// How many claims there are.
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// How many of them the workers have.
    pub(crate) fn handed(&self) -> usize {
        self.handed
    }

    /// How many of them the workers don't have yet.
    pub(crate) fn waiting(&self) -> usize {
        self.suspects.len() + self.backlog.len()
    }

    /// Enters a fresh claim.
    pub(crate) fn add(&mut self, claim: Claim) {
        self.held.insert(claim.source().to_owned());
        self.backlog.push_back(claim);
    }

    /// Gives claims to the workers: suspects one by one, then all others as there is room.
    pub(crate) fn hand_out(&mut self, pool: &Pool) {
        if self.suspect_runs && self.handed > 0 {
            return;
        }
        self.suspect_runs = false;
        if let Some(claim) = self.suspects.pop_front() {
            self.suspect_runs = self.hand_over(claim, pool);
            return;
        }
        while let Some(claim) = self.backlog.pop_front() {
            if !self.hand_over(claim, pool) {
                return;
            }
        }
    }

    fn hand_over(&mut self, claim: Claim, pool: &Pool) -> bool {
        match pool.hand_over(claim) {
            Ok(()) => {
                self.handed += 1;
                true
            }
            Err(claim) => {
                self.backlog.push_front(claim);
                false
            }
        }
    }

    /// Strikes out a claim that has ended. One that was left stays held, so that nobody with its name overtakes it.
    pub(crate) fn note(&mut self, report: &Report) {
        self.handed = self.handed.saturating_sub(1);
        if report.outcome != Outcome::Left {
            self.held.remove(&report.source);
        }
    }
}
