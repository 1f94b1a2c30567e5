//! The queue before the committers, who take pages from it in groups.
//!
//! To bring several pages to the disk together takes less of the processor and of the disk than one by one, so one
//! committer takes everything that has come while it was busy. A disk that is slow makes pages pile up; then further
//! committers help, because most disks take several syncs in the time of one. Nobody waits for company, unless a window
//! is set in which it may come.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a group that grows no more looks whether anything is underway to it.
const LOOK: Duration = Duration::from_millis(2);

/// How groups are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouping {
    /// Most that wait; who brings more is held up.
    pub(super) room: usize,
    /// Most in a group.
    pub(super) group_max: usize,
    /// How many have to wait before one more takes a group while others are busy with theirs.
    pub(super) help_from: usize,
    /// How long the first of a group waits for others, as long as any are underway.
    pub(super) window: Duration,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Groups<T> {
    grouping: Grouping,
    state: Mutex<State<T>>,
    came: Condvar,
    went: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// Groups that are taken and not done with.
    busy: usize,
    /// Those who may still bring something.
    bringers: usize,
}

/// What one has taken. Its end makes way for the next group.
#[derive(Debug)]
pub(super) struct Group<'a, T> {
    /// What is in it; never nothing.
    pub(super) items: Vec<T>,
    groups: &'a Groups<T>,
}

impl<T> Drop for Group<'_, T> {
    fn drop(&mut self) {
        let mut state = self.groups.lock();
        state.busy -= 1;
        if self.groups.is_due(&state) {
            self.groups.came.notify_one();
        }
    }
}

impl<T> Groups<T> {
    /// An empty queue for so many who bring something.
    pub(super) fn new(grouping: Grouping, bringers: usize) -> Self {
        Self {
            grouping,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                busy: 0,
                bringers,
            }),
            came: Condvar::new(),
            went: Condvar::new(),
        }
    }

    /// Brings something, as soon as there is room.
    pub(super) fn put(&self, item: T) {
        let room = self.grouping.room;
        let full = |state: &mut State<T>| state.waiting.len() >= room;
        let state = self.went.wait_while(self.lock(), full);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.waiting.push_back(item);
        if self.is_due(&state) {
            self.came.notify_one();
        }
    }

    /// One of those who bring something will bring no more.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.bringers = state.bringers.saturating_sub(1);
        if state.bringers == 0 {
            self.came.notify_all();
        }
    }

    /// Waits for a group. `None` if there will never be one. `is_more_underway` is asked while a window is open.
    pub(super) fn take(&self, is_more_underway: impl Fn() -> bool) -> Option<Group<'_, T>> {
        let idle = |state: &mut State<T>| !self.is_due(state) && (state.bringers > 0 || !state.waiting.is_empty());
        let state = self.came.wait_while(self.lock(), idle);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let mut state = self.gather(state, is_more_underway);
        let most = self.grouping.group_max.min(state.waiting.len());
        let items: Vec<T> = state.waiting.drain(..most).collect();
        if items.is_empty() {
            return None;
        }
        state.busy += 1;
        self.went.notify_all();
        Some(Group { items, groups: self })
    }

    /// Whether it is time for somebody to take a group.
    fn is_due(&self, state: &State<T>) -> bool {
        let enough = if state.busy == 0 { 1 } else { self.grouping.help_from };
        state.waiting.len() >= enough
    }

    /// Lets a group grow while the window is open.
    fn gather<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<T>>,
        is_more_underway: impl Fn() -> bool,
    ) -> MutexGuard<'a, State<T>> {
        let closes = Instant::now() + self.grouping.window;
        while !state.waiting.is_empty() && state.waiting.len() < self.grouping.group_max && is_more_underway() {
            let left = closes.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            // Room that was made, and what has come, are told by the same look.
            let waited = self.came.wait_timeout(state, left.min(LOOK));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const GROUPING: Grouping = Grouping {
        room: 4,
        group_max: 3,
        help_from: 2,
        window: Duration::ZERO,
    };

    fn of(numbers: std::ops::Range<u32>) -> Groups<u32> {
        let groups = Groups::new(GROUPING, 1);
        numbers.for_each(|number| groups.put(number));
        groups
    }

    #[test]
    fn a_group_is_everything_that_waits_up_to_a_bound_and_in_its_order() {
        let groups = of(0..4);
        let first = groups.take(|| false).unwrap().items.clone();
        assert_eq!(first, [0, 1, 2]);
        assert_eq!(groups.take(|| false).unwrap().items, [3]);
    }

    #[test]
    fn another_helps_only_when_enough_are_waiting() {
        let groups = of(0..1);
        let first = groups.take(|| false).unwrap();
        groups.put(1);
        assert!(!groups.is_due(&groups.lock()));
        groups.put(2);
        let second = groups.take(|| false).unwrap();
        assert_eq!((&first.items, &second.items), (&vec![0], &vec![1, 2]));
        groups.put(3);
        assert!(!groups.is_due(&groups.lock()));
        drop(first);
        assert!(!groups.is_due(&groups.lock()));
        drop(second);
        assert_eq!(groups.take(|| false).unwrap().items, [3]);
    }

    #[test]
    fn the_end_of_a_group_wakes_one_who_waits_for_the_next() {
        let groups = of(0..1);
        let first = groups.take(|| false).unwrap();
        thread::scope(|scope| {
            let next = scope.spawn(|| groups.take(|| false).map(|group| group.items.clone()));
            groups.put(1);
            drop(first);
            assert_eq!(next.join().unwrap().unwrap(), [1]);
        });
    }

    #[test]
    fn who_brings_more_than_there_is_room_for_is_held_up_until_a_group_is_taken() {
        let groups = of(0..4);
        thread::scope(|scope| {
            let fifth = scope.spawn(|| groups.put(4));
            while groups.lock().waiting.len() < 4 {
                thread::yield_now();
            }
            assert!(!fifth.is_finished());
            assert_eq!(groups.take(|| false).unwrap().items, [0, 1, 2]);
            fifth.join().unwrap();
        });
        assert_eq!(groups.take(|| false).unwrap().items, [3, 4]);
    }

    #[test]
    fn what_waits_is_taken_after_the_last_has_left_and_then_nothing_ever_comes() {
        let groups = of(0..1);
        groups.leave();
        assert_eq!(groups.take(|| true).unwrap().items, [0]);
        assert!(groups.take(|| true).is_none());
    }

    #[test]
    fn a_group_waits_in_its_window_for_what_is_underway_and_no_longer() {
        let grouping = Grouping {
            window: Duration::from_hours(1),
            ..GROUPING
        };
        let groups = Groups::new(grouping, 1);
        groups.put(0);
        assert_eq!(groups.take(|| false).unwrap().items, [0]);
        thread::scope(|scope| {
            groups.put(1);
            let gathered = scope.spawn(|| groups.take(|| true).map(|group| group.items.clone()));
            groups.put(2);
            groups.put(3);
            assert_eq!(gathered.join().unwrap().unwrap(), [1, 2, 3]);
        });
    }
}
