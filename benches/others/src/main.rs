//! Runs dehusk and other extractors over the same pages: their texts, to be scored, and their times.
//!
//! `others decode PAGES OUT` writes every page decoded, as all tools get it.
//! `others texts TOOL PAGES OUT SECONDS` writes what a tool makes of every page; a page that takes longer is given up.
//! `others time PAGES LIST ROUNDS` times all tools on the pages named in a file, one after another on one thread.
//! `others work TOOL PAGES OUT` is what `texts` starts: it reads names of pages from standard input.

mod tools;

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write, stdin};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use dehusk::page::{Page, PageHints, RawPage};
use rustix::time::{ClockId, clock_gettime};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How a compressed page's file name ends.
const PAGE_ENDING: &str = ".html.gz";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["decode", pages, out] => decode(Path::new(pages), Path::new(out)),
        ["texts", tool, pages, out, seconds] => texts(tool, pages, out, seconds),
        ["work", tool, pages, out] => work(tool, Path::new(pages), Path::new(out)),
        ["time", pages, list, rounds] => time(Path::new(pages), Path::new(list), rounds),
        _ => Err("what to do: decode, texts or time; see the head of main.rs".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("others: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The names of all pages of a folder, sorted.
fn names(pages: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(pages)? {
        let name = entry?.file_name();
        names.extend(
            name.to_str()
                .and_then(|name| name.strip_suffix(PAGE_ENDING))
                .map(str::to_owned),
        );
    }
    names.sort();
    Ok(names)
}

fn read(pages: &Path, name: &str) -> Outcome<Vec<u8>> {
    let packed = fs::read(pages.join(format!("{name}{PAGE_ENDING}")))?;
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A page's text as dehusk decodes it; with replacements where dehusk takes it for no page.
fn decoded(bytes: &[u8]) -> String {
    let raw = RawPage {
        bytes,
        hints: PageHints::default(),
    };
    Page::decode(&raw).map_or_else(
        |_| String::from_utf8_lossy(bytes).into_owned(),
        |page| page.text.into_owned(),
    )
}

fn decode(pages: &Path, out: &Path) -> Outcome<()> {
    fs::create_dir_all(out)?;
    for name in names(pages)? {
        fs::write(out.join(format!("{name}.html")), decoded(&read(pages, &name)?))?;
    }
    Ok(())
}

/// A process that cleans pages, one after another.
struct Worker {
    child: Child,
    input: ChildStdin,
    done: Receiver<String>,
}

impl Worker {
    fn start(tool: &str, pages: &str, out: &str) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["work", tool, pages, out])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take().ok_or("a worker without standard input")?;
        let output = child.stdout.take().ok_or("a worker without standard output")?;
        let (send, done) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.take_while(|line| send.send(line.clone()).is_ok()).count();
        });
        Ok(Self { child, input, done })
    }

    /// Whether the page was cleaned within the time, and by a tool that lived.
    fn clean(&mut self, name: &str, limit: Duration) -> Outcome<Result<(), &'static str>> {
        writeln!(self.input, "{name}")?;
        let end = Instant::now() + limit;
        loop {
            match self.done.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line == name => return Ok(Ok(())),
                // A tool that prints something itself has not finished by that.
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(Err("took too long")),
                Err(RecvTimeoutError::Disconnected) => return Ok(Err("crashed")),
            }
        }
    }

    fn stop(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Prints the names of the pages that were given up, with the reason.
fn texts(tool: &str, pages: &str, out: &str, seconds: &str) -> Outcome<()> {
    fs::create_dir_all(out)?;
    let limit = Duration::from_secs(seconds.parse()?);
    let mut worker = Worker::start(tool, pages, out)?;
    for name in names(Path::new(pages))? {
        if let Err(reason) = worker.clean(&name, limit)? {
            println!("{name}\t{reason}");
            worker.stop()?;
            worker = Worker::start(tool, pages, out)?;
        }
    }
    worker.stop()
}

fn work(tool: &str, pages: &Path, out: &Path) -> Outcome<()> {
    let text = tools::by_name(tool).ok_or_else(|| format!("no tool {tool}"))?;
    for name in stdin().lines() {
        let name = name?;
        let bytes = read(pages, &name)?;
        let found = text(&bytes, &decoded(&bytes));
        fs::write(out.join(format!("{name}.txt")), found)?;
        println!("{name}");
    }
    Ok(())
}

/// The processor time of this process so far, whatever threads a tool has started.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Prints tool and seconds for all pages, the mean of the rounds, then the bytes of the pages. Tools take turns page by
/// page, so that a machine whose speed drifts drifts for all of them; a first round warms up and does not count.
fn time(pages: &Path, list: &Path, rounds: &str) -> Outcome<()> {
    let rounds: u32 = rounds.parse()?;
    let names = fs::read_to_string(list)?;
    let mut sums = vec![Duration::ZERO; tools::TOOLS.len()];
    let mut size = 0;
    for round in 0..=rounds {
        for name in names.lines() {
            let bytes = read(pages, name)?;
            let text = decoded(&bytes);
            size += if round == 0 { bytes.len() } else { 0 };
            for ((_, tool), sum) in tools::TOOLS.iter().zip(&mut sums) {
                let start = processor_time();
                drop(std::hint::black_box(tool(&bytes, &text)));
                *sum += if round == 0 {
                    Duration::ZERO
                } else {
                    processor_time() - start
                };
            }
        }
    }
    for ((tool, _), sum) in tools::TOOLS.iter().zip(sums) {
        println!("{tool}\t{}", sum.as_secs_f64() / f64::from(rounds));
    }
    println!("bytes\t{size}");
    Ok(())
}
