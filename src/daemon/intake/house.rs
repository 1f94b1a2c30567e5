//! What the loop looks after at intervals: a replaced inbox, slow pages, what is told to the service manager.

use std::time::{Duration, Instant};

use super::super::names::shown;
use super::super::service;
use super::super::watch::folder_id;
use super::Intake;

/// How often the loop looks at what raises no event: slow pages, replaced folders.
const HOUSEKEEPING: Duration = Duration::from_secs(1);

/// How often what is remembered of the sites' rules is written down. A kill costs no more of it than this.
const STATE_INTERVAL: Duration = Duration::from_secs(10);

impl Intake {
    /// Looks at everything that is due by the second.
    pub(super) fn keep_house(&mut self, now: Instant) {
        self.clock.housekeeping = now + HOUSEKEEPING;
        self.look_after_workers();
        self.parts.rules_watch.check();
        let inbox = &self.parts.spool.folders().inbox;
        let id = folder_id(inbox);
        if id != self.inbox_id {
            if id.is_some() {
                tracing::info!(folder = shown(inbox), "the inbox was replaced; watching the new one");
            } else {
                tracing::error!(folder = shown(inbox), "the inbox is gone; waiting for it to come back");
            }
            self.inbox_id = id;
            self.scan_soon();
        }
        if self.clock.state <= now {
            self.clock.state = now + STATE_INTERVAL;
            self.parts.rules.drift().save(&self.parts.spool);
        }
        let status = self.status_text();
        if status != self.status {
            service::status(&status);
            self.status = status;
        }
    }

    /// Tells the service manager that all is moving, if it is: the loop because it is here, and the workers because
    /// none is stuck.
    pub(super) fn feed_watchdog(&mut self, now: Instant) {
        self.clock.watchdog = self.parts.rhythm.watchdog.map(|interval| now + interval);
        if self.look_after_workers() {
            service::alive();
        }
    }

    /// Whether no worker is stuck. While work is paused, none is.
    fn look_after_workers(&self) -> bool {
        if self.parts.pause.trouble().is_some() {
            self.parts.pool.excuse();
        }
        self.parts.pool.is_moving(self.parts.rhythm.page_max)
    }

    pub(super) fn status_text(&self) -> String {
        let refused = self.parts.board.refused_rule_files();
        service::line_of(&self.report, self.ledger.len(), refused, self.parts.pause.trouble())
    }
}
