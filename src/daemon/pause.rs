//! A pause of the whole pipeline while trouble lasts that is not the page's fault, such as a full disk.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::names::harmless;

/// The first wait after trouble; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long trouble lasts before it is told again.
const REMINDER: Duration = Duration::from_mins(1);

/// Errors of our own folders that another try won't change: they belong to the page's name.
const PERMANENT: &[Errno] = &[
    Errno::NAMETOOLONG,
    Errno::NOTDIR,
    Errno::ISDIR,
    Errno::EXIST,
    Errno::INVAL,
    Errno::ILSEQ,
];

/// Whether an error of our own folders comes from the page rather than from the machine.
pub(crate) fn is_permanent(error: &io::Error) -> bool {
    PERMANENT
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Errors of a claim that come from the machine and not from the file or its folder.
const MACHINE_ERRORS: &[Errno] = &[
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::IO,
    Errno::MFILE,
    Errno::NFILE,
    Errno::NOMEM,
    Errno::ROFS,
    Errno::NOENT,
];

/// Whether a failed claim is the machine's fault rather than the file's or its folder's.
pub(crate) fn is_machine_error(error: &io::Error) -> bool {
    MACHINE_ERRORS
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// What to do after a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Try again.
    TryAgain,
    /// The daemon stops, or the run won't wait longer.
    GiveUp,
}

/// The state of the pause, shared by everybody who touches the spool.
#[derive(Debug)]
pub(crate) struct Pause {
    state: Mutex<State>,
    stopped: Condvar,
    once: bool,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    trouble: Option<Trouble>,
    given_up: Option<String>,
}

#[derive(Debug)]
struct Trouble {
    since: Instant,
    told: Instant,
    text: String,
}

impl Pause {
    /// How often a run with an end tries before it ends with the trouble: some six seconds.
    pub(crate) const TRIES_OF_ONE_RUN: u32 = 7;

    /// No pause. With `once`, waiting has an end.
    pub(crate) fn new(once: bool) -> Self {
        Self {
            state: Mutex::default(),
            stopped: Condvar::new(),
            once,
        }
    }

    /// Notes trouble and waits a while; `tries` counts the caller's, from 0.
    pub(crate) fn wait(&self, doing: &str, error: &io::Error, tries: u32) -> Verdict {
        let mut state = self.note(doing, error);
        // Once the run is to end, nobody else need try as long.
        if self.once && (tries + 1 >= Self::TRIES_OF_ONE_RUN || state.given_up.is_some()) {
            state.given_up = state.trouble.as_ref().map(|trouble| trouble.text.clone());
            return Verdict::GiveUp;
        }
        let wait = wait_after(tries);
        let waited = self.stopped.wait_timeout_while(state, wait, |state| !state.stopping);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopping {
            Verdict::GiveUp
        } else {
            Verdict::TryAgain
        }
    }

    /// Notes trouble without waiting for it to pass.
    pub(crate) fn begin(&self, doing: &str, error: &io::Error) {
        drop(self.note(doing, error));
    }

    /// Ends the pause: something worked again.
    pub(crate) fn end(&self) {
        if let Some(trouble) = self.lock().trouble.take() {
            let seconds = trouble.since.elapsed().as_secs();
            tracing::info!(seconds, "the trouble is over, work goes on: {}", trouble.text);
        }
    }

    /// The trouble that work is paused for, if it is.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.as_ref().map(|trouble| trouble.text.clone())
    }

    /// The same, with when it began.
    pub(crate) fn trouble_since(&self) -> Option<(String, Instant)> {
        let state = self.lock();
        let trouble = state.trouble.as_ref()?;
        Some((trouble.text.clone(), trouble.since))
    }

    /// The trouble that made a run with an end give up.
    pub(crate) fn given_up(&self) -> Option<String> {
        self.lock().given_up.clone()
    }

    /// Wakes everybody who waits: the daemon stops.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.stopped.notify_all();
    }

    fn note(&self, doing: &str, error: &io::Error) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        let now = Instant::now();
        let text = harmless(&format!("{doing}: {error}"));
        match &mut state.trouble {
            Some(trouble) if now.duration_since(trouble.told) < REMINDER => {}
            Some(trouble) => {
                trouble.told = now;
                tracing::warn!(
                    seconds = trouble.since.elapsed().as_secs(),
                    "work is still paused: {text}"
                );
            }
            None => {
                tracing::error!("work is paused until this is mended, nothing is lost: {text}");
                state.trouble = Some(Trouble {
                    since: now,
                    told: now,
                    text,
                });
            }
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait after so many tries.
pub(crate) fn wait_after(tries: u32) -> Duration {
    FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(tries.min(16)))
        .min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        assert_eq!(wait_after(0), FIRST_WAIT);
        assert_eq!(wait_after(2), FIRST_WAIT * 4);
        assert_eq!(wait_after(1_000), LONGEST_WAIT);
    }

    #[test]
    fn a_full_disk_is_transient_and_a_name_too_long_is_not() {
        assert!(!is_permanent(&Errno::NOSPC.into()));
        assert!(!is_permanent(&Errno::ACCESS.into()));
        assert!(is_permanent(&Errno::NAMETOOLONG.into()));
    }

    #[test]
    fn a_stop_ends_the_wait_and_success_the_pause() {
        let pause = Pause::new(false);
        pause.begin("writing", &Errno::NOSPC.into());
        assert!(pause.trouble().unwrap().starts_with("writing: "));
        pause.end();
        assert_eq!(pause.trouble(), None);
        pause.stop();
        assert_eq!(pause.wait("writing", &Errno::NOSPC.into(), 9), Verdict::GiveUp);
    }

    #[test]
    fn a_run_with_an_end_gives_up_with_the_trouble() {
        let pause = Pause::new(true);
        assert_eq!(
            pause.wait("writing", &Errno::NOSPC.into(), Pause::TRIES_OF_ONE_RUN - 1),
            Verdict::GiveUp
        );
        assert!(pause.given_up().unwrap().contains("writing"));
    }
}
