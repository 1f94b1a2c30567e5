//! How many pages ended in each of the last seconds.

use super::report::Rates;

/// Seconds that are remembered: a quarter of an hour.
const SECONDS: u64 = 900;

/// A ring of counts, one for each second. Its size does not depend on what happens.
#[derive(Debug)]
pub(super) struct RateRing {
    counts: Vec<u32>,
    /// The second that was counted last, since the start.
    now: u64,
}

impl RateRing {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            counts: (0..SECONDS).map(|_| 0).collect(),
            now: 0,
        }
    }

    /// Counts one page in a second since the start.
    pub(super) fn count(&mut self, second: u64) {
        self.advance(second);
        if let Some(count) = self.counts.get_mut(slot(self.now)) {
            *count = count.saturating_add(1);
        }
    }

    /// The rates at a second since the start. A young daemon's are over the time that it has run.
    pub(super) fn rates(&mut self, second: u64) -> Rates {
        self.advance(second);
        Rates {
            over_1_minute: self.over(60),
            over_5_minutes: self.over(300),
            over_15_minutes: self.over(SECONDS),
        }
    }

    /// The current second is not over and would count as a slow one, so it is left out.
    fn over(&self, seconds: u64) -> f64 {
        let seconds = seconds.min(SECONDS - 1).min(self.now);
        let counts = (1..=seconds).filter_map(|back| self.counts.get(slot(self.now - back)));
        let pages: u32 = counts.copied().fold(0, u32::saturating_add);
        let seconds = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
        (f64::from(pages) / f64::from(seconds) * 1000.0).round() / 1000.0
    }

    fn advance(&mut self, second: u64) {
        for passed in self.now + 1..=second.min(self.now + SECONDS) {
            if let Some(count) = self.counts.get_mut(slot(passed)) {
                *count = 0;
            }
        }
        if second > self.now + SECONDS {
            self.counts.fill(0);
        }
        self.now = self.now.max(second);
    }
}

fn slot(second: u64) -> usize {
    usize::try_from(second % SECONDS).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the rates are rounded")]
mod tests {
    use super::*;

    #[test]
    fn rates_are_over_their_spans_and_over_no_more_than_the_uptime() {
        let mut ring = RateRing::new();
        for second in 0..20 {
            ring.count(second);
            ring.count(second);
        }
        assert_eq!(ring.rates(20).over_1_minute, 2.0);
        assert_eq!(ring.rates(20).over_15_minutes, 2.0);
        let later = ring.rates(120);
        assert_eq!(later.over_1_minute, 0.0);
        assert_eq!(later.over_5_minutes, 0.333);
    }

    #[test]
    fn what_is_older_than_the_ring_is_forgotten() {
        let mut ring = RateRing::new();
        ring.count(5);
        assert_eq!(ring.rates(5 + SECONDS).over_15_minutes, 0.0);
        ring.count(2_000);
        assert_eq!(ring.rates(50_000).over_15_minutes, 0.0);
        // A clock that stands still or goes back does no harm.
        ring.count(10);
        assert_eq!(ring.rates(50_001).over_1_minute, 0.017);
    }
}
