//! JSON lines in, JSON lines out: one record for each line, in order, whatever the line holds.
//!
//! One thread reads, others clean, and the caller's thread writes. Whoever has written a line gets its record without
//! writing another one, and whoever writes without reading is made to wait: only so much is held.

mod answer;
mod base64;
mod fields;
mod lines;
mod queue;

use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

pub use answer::{Answer, Bench};
pub use fields::{Fields, PRESETS, Preset};
pub use lines::{HEAD_BYTES, Line, line_bytes_max};
pub use queue::{HELD_BYTES_MAX, LINES_PER_JOB};

use crate::record::Fault;
use lines::read_line;
use queue::{Next, Queue};

/// Bytes that are read at a time.
const READ_BYTES: usize = 256 * 1024;

/// A page is given up after so many times the time that it may take: a single step of the work can't be stopped from
/// inside.
const TIMES_PAGE_TIME: u32 = 2;

/// Most pages that are given up while their threads still work on them, before the whole is.
const GIVEN_UP_MAX: usize = 64;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines that were read, which is records that were written.
    pub lines: u64,
    /// Those of them without a text.
    pub faults: u64,
}

/// Why a run could not go on.
#[derive(Debug)]
pub enum PipeError {
    /// The input can't be read.
    Input(io::Error),
    /// The records can't be written.
    Output(io::Error),
    /// No thread can be started.
    Thread(io::Error),
    /// Too many pages never end.
    GivenUp {
        /// How many.
        pages: usize,
    },
}

impl fmt::Display for PipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "the input can't be read: {error}"),
            Self::Output(error) => write!(f, "the output can't be written: {error}"),
            Self::Thread(error) => write!(f, "no thread can be started: {error}"),
            Self::GivenUp { pages } => write!(f, "{pages} pages were given up and are still being worked on"),
        }
    }
}

impl std::error::Error for PipeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Input(error) | Self::Output(error) | Self::Thread(error) => Some(error),
            Self::GivenUp { .. } => None,
        }
    }
}

/// Answers every line of the input, so many at a time; `tell` hears of every line without a text, by its number from 1.
///
/// Threads of pages without end, and one that waits for input where the output is gone, end with the program.
pub fn run(
    bench: Bench,
    jobs: usize,
    input: impl Read + Send + 'static,
    output: &mut impl Write,
    tell: &mut dyn FnMut(u64, &Fault),
) -> Result<Summary, PipeError> {
    let work = Work {
        bench: Arc::new(bench),
        queue: Arc::new(Queue::new(jobs)),
    };
    for _ in 0..jobs {
        work.start_worker()?;
    }
    work.start_reader(input)?;
    work.write(output, tell)
}

struct Work {
    bench: Arc<Bench>,
    queue: Arc<Queue>,
}

impl Work {
    fn start_reader(&self, input: impl Read + Send + 'static) -> Result<(), PipeError> {
        let queue = Arc::clone(&self.queue);
        let bytes_max = line_bytes_max(&self.bench.limits);
        start("read", move || {
            let mut source = BufReader::with_capacity(READ_BYTES, input);
            loop {
                match read_line(&mut source, bytes_max) {
                    Ok(Some(line)) => queue.push(line),
                    Ok(None) => return queue.end(Ok(())),
                    Err(error) => return queue.end(Err(error)),
                }
            }
        })
    }

    fn start_worker(&self) -> Result<(), PipeError> {
        let (bench, queue) = (Arc::clone(&self.bench), Arc::clone(&self.queue));
        start("clean", move || while work_on_next(&bench, &queue) {})
    }

    fn write(&self, output: &mut impl Write, tell: &mut dyn FnMut(u64, &Fault)) -> Result<Summary, PipeError> {
        let mut summary = Summary::default();
        let mut given_up = 0;
        loop {
            match self.queue.next(self.bench.page_time * TIMES_PAGE_TIME) {
                Next::Write(answers) => self.write_all(answers, output, &mut summary, tell)?,
                Next::Hangs(number, line) => {
                    given_up += 1;
                    self.give_up(number, &line, given_up)?;
                }
                Next::End(how) => return how.map(|()| summary).map_err(PipeError::Input),
            }
        }
    }

    /// Writes what is next in order, and makes sure that it is seen: whoever waits for it may not write before.
    fn write_all(
        &self,
        answers: Vec<(Answer, usize)>,
        output: &mut impl Write,
        summary: &mut Summary,
        tell: &mut dyn FnMut(u64, &Fault),
    ) -> Result<(), PipeError> {
        for (answer, bytes) in answers {
            summary.lines += 1;
            output.write_all(&answer.record).map_err(PipeError::Output)?;
            if let Some(fault) = &answer.fault {
                summary.faults += 1;
                tell(summary.lines, fault);
            }
            self.queue.release(bytes);
        }
        output.flush().map_err(PipeError::Output)
    }

    /// Answers a page that hangs, and puts another worker in the place of the one that hangs with it.
    fn give_up(&self, number: u64, line: &Line, given_up: usize) -> Result<(), PipeError> {
        if given_up > GIVEN_UP_MAX {
            return Err(PipeError::GivenUp { pages: given_up });
        }
        self.start_worker()?;
        // If its answer comes at this moment, there is one worker more than asked for, and no harm done.
        self.queue
            .finish(number, self.bench.refuse(line, hangs(self.bench.page_time)));
        Ok(())
    }
}

/// Answers the next line; says whether there may be another one for this worker.
fn work_on_next(bench: &Bench, queue: &Queue) -> bool {
    let Some((number, line)) = queue.take() else {
        return false;
    };
    let answer = bench.answer(&line);
    drop(line);
    // Where the page was given up, another worker is in this one's place.
    queue.finish(number, answer)
}

fn hangs(page_time: Duration) -> Fault {
    let seconds = page_time.as_secs() * u64::from(TIMES_PAGE_TIME);
    let message = format!("the page was given up after {seconds} s, in a step that can't be stopped");
    Fault::new("timed-out", message)
}

fn start(name: &str, task: impl FnOnce() + Send + 'static) -> Result<(), PipeError> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(task);
    thread.map(drop).map_err(PipeError::Thread)
}
