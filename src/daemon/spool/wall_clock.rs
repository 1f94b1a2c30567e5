//! Whether the clock on the wall can be trusted: one that jumps far ahead makes every page old at once.

use std::time::{Duration, Instant, SystemTime};

/// How much further the clock may have gone than time has passed: a sleep of the machine and a change by hand for
/// summer time are no reason for doubt.
const JUMP_MAX: Duration = Duration::from_hours(24);

/// How long a clock is doubted after a jump: time for somebody, or the network, to set it right.
const DOUBT: Duration = Duration::from_hours(48);

/// The clock as it was looked at last.
#[derive(Debug, Default)]
pub(super) struct WallClock {
    last: Option<(SystemTime, Instant)>,
    /// When it was seen to have jumped ahead.
    doubted: Option<Instant>,
}

impl WallClock {
    /// Takes in what the clock shows, and tells whether ages can be judged by it. `steady` is a clock that only ever
    /// goes on; the two are compared from one look to the next.
    pub(super) fn is_trusted(&mut self, wall: SystemTime, steady: Instant) -> bool {
        if let Some((last_wall, last_steady)) = self.last.replace((wall, steady)) {
            let passed = steady.saturating_duration_since(last_steady);
            if wall > last_wall + passed + JUMP_MAX {
                tracing::warn!(
                    "the clock has jumped ahead: for two days nothing is deleted from the done folder because of its age"
                );
                self.doubted = Some(steady);
            } else if wall + JUMP_MAX < last_wall + passed {
                // It was set right again.
                self.doubted = None;
            }
        }
        self.doubted
            .is_none_or(|since| steady.saturating_duration_since(since) >= DOUBT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const YEAR: Duration = Duration::from_hours(24 * 365);

    #[test]
    fn a_clock_that_jumps_ahead_is_doubted_until_it_is_set_right() {
        let (wall, steady) = (SystemTime::now(), Instant::now());
        let mut clock = WallClock::default();
        assert!(clock.is_trusted(wall, steady));
        assert!(clock.is_trusted(wall + MINUTE, steady + MINUTE));
        assert!(!clock.is_trusted(wall + YEAR, steady + MINUTE * 2));
        assert!(!clock.is_trusted(wall + YEAR + MINUTE, steady + MINUTE * 3));
        assert!(clock.is_trusted(wall + MINUTE * 4, steady + MINUTE * 4));
    }

    #[test]
    fn a_clock_that_stays_ahead_is_believed_after_a_while() {
        let (wall, steady) = (SystemTime::now(), Instant::now());
        let mut clock = WallClock::default();
        clock.is_trusted(wall, steady);
        assert!(!clock.is_trusted(wall + YEAR, steady + MINUTE));
        assert!(clock.is_trusted(wall + YEAR + DOUBT, steady + MINUTE + DOUBT));
    }

    #[test]
    fn a_clock_that_was_behind_and_a_long_sleep_are_no_jumps() {
        let (wall, steady) = (SystemTime::now(), Instant::now());
        let mut clock = WallClock::default();
        clock.is_trusted(wall, steady);
        assert!(clock.is_trusted(wall + Duration::from_hours(12), steady + MINUTE));
        assert!(clock.is_trusted(wall, steady + MINUTE * 2));
        assert!(clock.is_trusted(wall + YEAR, steady + YEAR));
    }
}
