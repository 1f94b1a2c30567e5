//! A panic in our own code, and a page without end, cost one page, not the program.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::limits::Stop;

/// Runs a task; a panic in it becomes an error that says what the panic said.
pub fn guarded<T>(task: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(task))
        .map_err(|panic| format!("a fault in dehusk itself, please report it: {}", said(panic.as_ref())))
}

/// Runs a task that may take so long, and gives it what it has to ask from time to time.
pub fn within<T>(time: Duration, task: impl FnOnce(&Stop<'_>) -> T) -> T {
    let started = Instant::now();
    task(&Stop::unless(&|| started.elapsed() < time))
}

/// Keeps panics from printing: whoever catches one tells it in the program's own words.
pub fn silence_panics() {
    panic::set_hook(Box::new(|_| {}));
}

/// What a panic said.
pub fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_hears_when_its_time_is_over() {
        let endless = |stop: &Stop<'_>| while stop.goes_on() {};
        within(Duration::from_millis(1), endless);
        assert!(within(Duration::from_hours(1), |stop| stop.check().is_ok()));
    }

    #[test]
    fn a_panic_becomes_an_error() {
        assert_eq!(guarded(|| 1), Ok(1));
        let error = guarded(|| panic!("out of {}", "luck")).unwrap_err();
        assert!(error.ends_with("please report it: out of luck"), "{error}");
    }
}
