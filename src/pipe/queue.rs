//! Lines on their way: read, waiting, at work, answered, written; in order, and only so many at once.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::lines::Line;

/// Most lines on their way for each page that is cleaned at a time.
pub const LINES_PER_JOB: usize = 4;

/// Most bytes of lines on their way; one line is always let in, however long.
pub const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How far a line is.
#[derive(Debug)]
enum Progress {
    Waiting,
    AtWork(Instant),
    Done(Answer),
}

#[derive(Debug)]
struct Slot {
    line: Arc<Line>,
    progress: Progress,
}

#[derive(Debug, Default)]
struct State {
    /// Lines that are not written, in order; the first is number `first`.
    slots: VecDeque<Slot>,
    first: u64,
    /// The number of the next line to work on.
    untaken: u64,
    /// Lines that are let in and not let go of.
    held: usize,
    held_bytes: usize,
    /// No more lines come.
    ended: bool,
    /// How the input has ended, until the writer has been told.
    end: Option<io::Result<()>>,
}

/// The queue, shared by the reader, the workers and the writer.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    lines_max: usize,
    /// A line may come in.
    room: Condvar,
    /// A line waits for work.
    work: Condvar,
    /// The line that is to be written next has its answer.
    answer: Condvar,
}

/// What the writer does next.
#[derive(Debug)]
pub(super) enum Next {
    /// It writes these, in this order.
    Write(Vec<(Answer, usize)>),
    /// The line that is to be written next has been at work for longer than it may.
    Hangs(u64, Arc<Line>),
    /// Everything is written.
    End(io::Result<()>),
}

impl Queue {
    /// An empty queue for so many pages at a time.
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            state: Mutex::default(),
            lines_max: jobs.saturating_mul(LINES_PER_JOB),
            room: Condvar::new(),
            work: Condvar::new(),
            answer: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a line in as soon as there is room. For the reader.
    pub(super) fn push(&self, line: Line) {
        let bytes = line.bytes().len();
        let is_full = |state: &mut State| {
            state.held >= self.lines_max || state.held > 0 && state.held_bytes.saturating_add(bytes) > HELD_BYTES_MAX
        };
        let mut state = self
            .room
            .wait_while(self.lock(), is_full)
            .unwrap_or_else(PoisonError::into_inner);
        state.held += 1;
        state.held_bytes += bytes;
        state.slots.push_back(Slot {
            line: Arc::new(line),
            progress: Progress::Waiting,
        });
        drop(state);
        self.work.notify_one();
    }

    /// Tells that no more lines come. For the reader.
    pub(super) fn end(&self, how: io::Result<()>) {
        let mut state = self.lock();
        (state.ended, state.end) = (true, Some(how));
        drop(state);
        self.work.notify_all();
        self.answer.notify_all();
    }

    /// The next line to work on, with its number; none when all have been taken. For workers.
    pub(super) fn take(&self) -> Option<(u64, Arc<Line>)> {
        let is_idle = |state: &mut State| !state.ended && state.untaken == state.first + state.slots.len() as u64;
        let mut state = self
            .work
            .wait_while(self.lock(), is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        let number = state.untaken;
        let slot = state.slot(number)?;
        slot.progress = Progress::AtWork(Instant::now());
        let line = Arc::clone(&slot.line);
        state.untaken += 1;
        Some((number, line))
    }

    /// Hands in the answer of a line; says whether it was still waited for. For workers.
    pub(super) fn finish(&self, number: u64, answer: Answer) -> bool {
        let mut state = self.lock();
        let Some(slot) = state
            .slot(number)
            .filter(|slot| matches!(slot.progress, Progress::AtWork(_)))
        else {
            return false;
        };
        slot.progress = Progress::Done(answer);
        if number == state.first {
            self.answer.notify_all();
        }
        true
    }

    /// Waits for what is to be written next; a line that is at work for longer than `time` is told of. For the writer.
    pub(super) fn next(&self, time: Duration) -> Next {
        let mut state = self.lock();
        loop {
            let wait = match state.next(time) {
                Ok(next) => return next,
                Err(wait) => wait,
            };
            let (again, _) = self
                .answer
                .wait_timeout(state, wait)
                .unwrap_or_else(PoisonError::into_inner);
            state = again;
        }
    }

    /// Lets go of a line that was written. For the writer.
    pub(super) fn release(&self, bytes: usize) {
        let mut state = self.lock();
        state.held -= 1;
        state.held_bytes -= bytes;
        drop(state);
        self.room.notify_one();
    }
}

impl State {
    /// What is to be done next, or how long that may take to show.
    fn next(&mut self, time: Duration) -> Result<Next, Duration> {
        let ready = self.ready();
        if !ready.is_empty() {
            return Ok(Next::Write(ready));
        }
        let Some(slot) = self.slots.front() else {
            return self.end.take().map(Next::End).ok_or(time);
        };
        let Progress::AtWork(since) = slot.progress else {
            return Err(time);
        };
        let left = time.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Ok(Next::Hangs(self.first, Arc::clone(&slot.line)));
        }
        Err(left)
    }

    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(at)
    }

    /// Takes out the answers that are next in order.
    fn ready(&mut self) -> Vec<(Answer, usize)> {
        let mut ready = Vec::new();
        while let Some(Slot {
            progress: Progress::Done(_),
            ..
        }) = self.slots.front()
        {
            if let Some(Slot {
                line,
                progress: Progress::Done(answer),
            }) = self.slots.pop_front()
            {
                ready.push((answer, line.bytes().len()));
            }
            self.first += 1;
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// Long enough that only a hang can take longer.
    const PATIENCE: Duration = Duration::from_mins(1);

    fn line(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    fn answer(text: &str) -> Answer {
        Answer {
            record: text.as_bytes().to_vec(),
            fault: None,
        }
    }

    fn written(next: Next) -> Vec<String> {
        let Next::Write(answers) = next else { panic!("{next:?}") };
        answers
            .into_iter()
            .map(|(answer, _)| String::from_utf8(answer.record).unwrap())
            .collect()
    }

    #[test]
    fn answers_come_in_the_order_of_their_lines() {
        let queue = Queue::new(2);
        for text in ["a", "b", "c"] {
            queue.push(line(text));
        }
        let numbers: Vec<u64> = (0..3).map(|_| queue.take().unwrap().0).collect();
        assert_eq!(numbers, [0, 1, 2]);
        assert!(queue.finish(2, answer("C")) && queue.finish(0, answer("A")));
        assert_eq!(written(queue.next(PATIENCE)), ["A"]);
        assert!(queue.finish(1, answer("B")));
        queue.end(Ok(()));
        assert_eq!(written(queue.next(PATIENCE)), ["B", "C"]);
        assert!(matches!(queue.next(PATIENCE), Next::End(Ok(()))));
        assert!(queue.take().is_none());
    }

    fn push_and_count(queue: &Queue, lines: usize, pushed: &AtomicUsize) {
        for _ in 0..lines {
            queue.push(line("x"));
            pushed.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn only_so_many_lines_are_let_in() {
        let queue = Queue::new(1);
        let pushed = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                push_and_count(&queue, LINES_PER_JOB + 1, &pushed);
                queue.end(Ok(()));
            });
            for _ in 0..LINES_PER_JOB {
                let (number, _) = queue.take().unwrap();
                assert!(queue.finish(number, answer("X")));
            }
            assert_eq!(written(queue.next(PATIENCE)).len(), LINES_PER_JOB);
            assert_eq!(queue.lock().held, LINES_PER_JOB, "written is not yet let go of");
            assert!(pushed.load(Ordering::SeqCst) <= LINES_PER_JOB);
            queue.release(1);
            assert_eq!(queue.take().unwrap().0, LINES_PER_JOB as u64);
        });
        assert_eq!(
            (pushed.into_inner(), queue.lock().held_bytes),
            (LINES_PER_JOB + 1, LINES_PER_JOB)
        );
    }

    #[test]
    fn a_line_longer_than_the_room_for_all_is_let_in_alone() {
        let queue = Queue::new(2);
        queue.push(Line::Whole(vec![b'x'; HELD_BYTES_MAX + 1]));
        assert!(queue.take().is_some());
    }

    #[test]
    fn a_line_that_hangs_is_told_of_and_its_late_answer_does_not_count() {
        let queue = Queue::new(1);
        queue.push(line("a"));
        let (number, _) = queue.take().unwrap();
        let Next::Hangs(hanging, _) = queue.next(Duration::from_millis(1)) else {
            panic!("nothing hangs")
        };
        assert_eq!(hanging, number);
        assert!(queue.finish(number, answer("given up")));
        assert!(!queue.finish(number, answer("late")));
        assert_eq!(written(queue.next(PATIENCE)), ["given up"]);
        assert!(!queue.finish(number, answer("later")));
    }
}
