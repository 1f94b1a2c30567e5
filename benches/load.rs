//! The daemon under load, beside `dehusk clean` over the same files in the same run.
//!
//! `cargo bench --bench load` drops 100,000 pages at once, streams pages at two rates, and looks at the memory that a
//! backlog takes. With `-- --quick` there are a tenth of the files; with a part's name (`burst`, `stream`, `memory`)
//! only that part runs. Outputs are brought to the disk (`durability = "strict"`) except where only memory is measured.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints figures, and may fail"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark plays the users, who write and move as they like"
)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often it is looked whether everything is done.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How long a backlog is worked on before the memory is read.
const MEMORY_TIME: Duration = Duration::from_secs(20);

/// Ticks of processor time in a second, as Linux shows them to programs.
const TICKS: f64 = 100.0;

/// Words that pages are made of.
const WORDS: &str = "rain fell on the old town while people in the market said that prices had risen again this year and \
    nobody at the council wanted to tell them why so a baker asked for a meeting where every shop could speak about it";

/// Numbers that follow from one another.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn sentence(&mut self, words: &[&str]) -> String {
        let count = 8 + self.roll(14);
        let chosen: Vec<&str> = (0..count)
            .map(|_| words[usize::try_from(self.roll(words.len() as u64)).unwrap()])
            .collect();
        format!("{} {}. ", self.roll(100_000), chosen.join(" "))
    }
}

/// A page of 2 to 20 KB, so many times, and the ending of its name: every other one is HTML.
fn page(number: usize, times: u64, dice: &mut Dice) -> (String, &'static str) {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let size = usize::try_from(times * (2_000 + dice.roll(18_000))).unwrap();
    let mut text = String::new();
    let is_html = number.is_multiple_of(2);
    if is_html {
        text += &format!(
            "<html><head><title>Page {number}</title></head><body><nav><a href=/>Home</a> <a href=/news>News</a></nav><article>"
        );
    }
    while text.len() < size {
        let paragraph: String = (0..4).map(|_| dice.sentence(&words)).collect();
        text += &if is_html {
            format!("<p>{paragraph}</p>\n")
        } else {
            format!("{paragraph}\n\n")
        };
    }
    if is_html {
        text += "</article><footer>Imprint | Contact | Terms</footer></body></html>";
    }
    (text, if is_html { "html" } else { "txt" })
}

/// Writes pages of so many times the size into a folder and gives their names.
fn write_pages(folder: &Path, count: usize, times: u64) -> Vec<String> {
    fs::create_dir_all(folder).unwrap();
    let mut dice = Dice(7);
    (0..count)
        .map(|number| {
            let (text, ending) = page(number, times, &mut dice);
            let name = format!("page-{number:07}.{ending}");
            fs::write(folder.join(&name), text).unwrap();
            name
        })
        .collect()
}

/// Processor time that ended children of this process took: by themselves, and in the kernel for them.
fn children_time() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let seconds = |place: usize| fields[place].parse::<f64>().unwrap() / TICKS;
    (seconds(13), seconds(14))
}

fn since(before: (f64, f64)) -> (f64, f64) {
    let now = children_time();
    (now.0 - before.0, now.1 - before.1)
}

/// The daemon in a folder of its own.
struct Daemon {
    child: Child,
    folder: PathBuf,
    before: (f64, f64),
}

impl Daemon {
    fn start(folder: &Path, durability: &str) -> Self {
        fs::create_dir_all(folder.join("spool/inbox")).unwrap();
        let config = folder.join("dehusk.toml");
        fs::write(&config, format!("[spool]\ndurability = \"{durability}\"\n")).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let before = children_time();
        let child = Command::new(env!("CARGO_BIN_EXE_dehusk"))
            .args(["run", "--config"])
            .arg(config)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let daemon = Self {
            child,
            folder: folder.to_owned(),
            before,
        };
        while !fs::read_to_string(folder.join("log"))
            .unwrap()
            .contains("drop pages into")
        {
            sleep(LOOK_AGAIN / 10);
        }
        daemon
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("spool").join(name)
    }

    /// Waits until there is nothing in the inbox and no claim in the work folder.
    fn await_rest(&self) {
        let is_empty = |name: &str| {
            let entries = fs::read_dir(self.path(name)).unwrap();
            let mut names = entries.flatten().map(|entry| entry.file_name());
            names.all(|name| name.to_string_lossy().starts_with('.'))
        };
        while !(is_empty("inbox") && is_empty("work")) {
            sleep(LOOK_AGAIN);
        }
    }

    /// The most memory that it ever had, in MiB.
    fn peak_memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Stops it, and gives the processor time that it took.
    fn stop(mut self) -> (f64, f64) {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().unwrap();
        self.child.wait().unwrap();
        since(self.before)
    }
}

/// Milliseconds from each rename into the inbox to the rename into the outbox, in order.
fn latencies(daemon: &Daemon, dropped: &[(String, SystemTime)]) -> Vec<f64> {
    let outbox = daemon.path("outbox");
    let mut all: Vec<f64> = dropped
        .iter()
        .map(|(name, at)| {
            let found = fs::metadata(outbox.join(Path::new(name).with_extension("txt"))).unwrap();
            let at = at.duration_since(UNIX_EPOCH).unwrap();
            (found.ctime() as f64 - at.as_secs() as f64) * 1e3
                + (found.ctime_nsec() as f64 - f64::from(at.subsec_nanos())) / 1e6
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all
}

fn at_percent(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// Prints a row of the table; dashes stand for what was not measured.
fn row(cells: [&str; 9]) {
    let [first, rest @ ..] = cells;
    let rest: Vec<String> = rest.iter().map(|cell| format!("{cell:>9}")).collect();
    println!("{first:<34} {}", rest.join(" "));
}

fn p50_and_p99(sorted: &[f64]) -> (String, String) {
    (shown(at_percent(sorted, 50)), shown(at_percent(sorted, 99)))
}

fn shown(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

/// Does something with each name, one every `gap`.
fn at_pace<T>(names: &[String], gap: Duration, each: impl Fn(&String) -> T) -> Vec<T> {
    let began = Instant::now();
    let timed = |(number, name): (usize, &String)| {
        let due = gap * u32::try_from(number).unwrap();
        sleep(due.saturating_sub(began.elapsed()));
        each(name)
    };
    names.iter().enumerate().map(timed).collect()
}

/// Moves pages into the inbox, one every `gap`, and gives when each arrived.
fn drop_pages(from: &Path, names: &[String], daemon: &Daemon, gap: Duration) -> Vec<(String, SystemTime)> {
    let inbox = daemon.path("inbox");
    at_pace(names, gap, |name| {
        fs::rename(from.join(name), inbox.join(name)).unwrap();
        (name.clone(), SystemTime::now())
    })
}

/// Processor time of `dehusk clean` over a folder.
fn clean(pages: &Path, out: &Path, count: usize) -> (f64, f64) {
    let before = children_time();
    let began = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .args(["clean", "--metadata", "--out"])
        .args([out, pages])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let (rate, time) = (count as f64 / began.elapsed().as_secs_f64(), since(before));
    let (rate, user, system) = (shown(rate), shown(time.0), shown(time.1));
    row([
        "dehusk clean",
        &count.to_string(),
        &rate,
        "-",
        "-",
        &user,
        &system,
        "-",
        "-",
    ]);
    time
}

/// All files at once: `dehusk clean` over them first, then the daemon, then `dehusk clean` again, so that it shows how far
/// the machine swings. The daemon's time is told as a multiple of the mean of the two.
fn burst(folder: &Path, count: usize, times: u64) {
    let pages = folder.join("pages");
    let names = write_pages(&pages, count, times);
    let first = clean(&pages, &folder.join("first"), count);
    let mut all = Vec::new();
    for durability in ["strict", "batch", "off"] {
        let daemon = Daemon::start(&folder.join(durability), durability);
        let began = Instant::now();
        let dropped = drop_pages(&pages, &names, &daemon, Duration::ZERO);
        daemon.await_rest();
        let rate = shown(count as f64 / began.elapsed().as_secs_f64());
        let (p50, p99) = p50_and_p99(&latencies(&daemon, &dropped));
        let memory = shown(daemon.peak_memory());
        let time = daemon.stop();
        let (user, system) = (shown(time.0), shown(time.1));
        let name = format!("daemon, all at once, {durability}");
        row([
            &name,
            &count.to_string(),
            &rate,
            &p50,
            &p99,
            &user,
            &system,
            &memory,
            "-",
        ]);
        all.push((durability, time));
        write_pages(&pages, count, times);
    }
    let second = clean(&pages, &folder.join("second"), count);
    let mean = (first.0 + first.1 + second.0 + second.1) / 2.0;
    for (durability, time) in all {
        let ratio = shown((time.0 + time.1) / mean);
        row([
            &format!("{durability}, times the mean of clean"),
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            &ratio,
        ]);
    }
    fs::remove_dir_all(&pages).unwrap();
}

/// Brings a file and a small one beside it to the disk as the daemon does with "strict": three syncs and two renames.
fn publish_bare(page: &Path, to: &Path) {
    let text = fs::read(page).unwrap();
    for (ending, bytes) in [("json", &text[..600]), ("txt", &text[..])] {
        let written = to.join(format!(".writing.{ending}"));
        fs::write(&written, bytes).unwrap();
        fs::File::open(&written).unwrap().sync_all().unwrap();
        fs::rename(written, to.join(page.file_name().unwrap()).with_extension(ending)).unwrap();
    }
    fs::File::open(to).unwrap().sync_all().unwrap();
}

/// Milliseconds that the disk alone takes at a steady rate, in order: nothing is cleaned, and nothing waits for anything else.
fn bare_stream(pages: &Path, names: &[String], to: &Path, gap: Duration) -> Vec<f64> {
    fs::create_dir(to).unwrap();
    let mut found = at_pace(names, gap, |name| {
        let begun = Instant::now();
        publish_bare(&pages.join(name), to);
        begun.elapsed().as_secs_f64() * 1e3
    });
    found.sort_by(f64::total_cmp);
    found
}

/// Pages at a steady rate, each time after the disk by itself.
fn stream(folder: &Path, seconds: usize) {
    for a_second in [20, 200] {
        let folder = folder.join(format!("stream-{a_second}"));
        let pages = folder.join("pages");
        let names = write_pages(&pages, a_second * seconds, 1);
        let gap = Duration::from_secs(1) / u32::try_from(a_second).unwrap();
        let files = names.len().to_string();
        let (p50, p99) = p50_and_p99(&bare_stream(&pages, &names, &folder.join("bare"), gap));
        let name = format!("the disk alone, {a_second} a second");
        row([&name, &files, "-", &p50, &p99, "-", "-", "-", "-"]);
        let daemon = Daemon::start(&folder, "strict");
        let began = Instant::now();
        let dropped = drop_pages(&pages, &names, &daemon, gap);
        daemon.await_rest();
        let rate = shown(names.len() as f64 / began.elapsed().as_secs_f64());
        let (p50, p99) = p50_and_p99(&latencies(&daemon, &dropped));
        let memory = shown(daemon.peak_memory());
        let time = daemon.stop();
        let (user, system) = (shown(time.0), shown(time.1));
        let name = format!("daemon, {a_second} a second, strict");
        row([&name, &files, &rate, &p50, &p99, &user, &system, &memory, "-"]);
    }
}

/// What a backlog of tiny files takes.
fn memory(folder: &Path, counts: &[usize]) {
    for count in counts {
        let folder = folder.join(format!("backlog-{count}"));
        let inbox = folder.join("spool/inbox");
        fs::create_dir_all(&inbox).unwrap();
        for number in 0..*count {
            fs::write(inbox.join(format!("{number}.txt")), format!("Page {number}.\n")).unwrap();
        }
        let daemon = Daemon::start(&folder, "off");
        let began = Instant::now();
        let is_done = || fs::read_dir(daemon.path("done")).unwrap().count() >= *count;
        while began.elapsed() < MEMORY_TIME && (*count > 10_000 || !is_done()) {
            sleep(LOOK_AGAIN);
        }
        let memory = shown(daemon.peak_memory());
        let time = daemon.stop();
        let (user, system) = (shown(time.0), shown(time.1));
        let name = format!("daemon, a backlog for {} s", MEMORY_TIME.as_secs());
        row([&name, &count.to_string(), "-", "-", "-", &user, &system, &memory, "-"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let is_large = arguments.iter().any(|argument| argument == "--large");
    let chosen = |part: &str| {
        let mut parts = arguments
            .iter()
            .filter(|argument| !argument.starts_with("--"))
            .peekable();
        parts.peek().is_none() || parts.any(|wanted| wanted == part)
    };
    row([
        "", "files", "files/s", "p50 ms", "p99 ms", "user s", "system s", "peak MiB", "CPU",
    ]);
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    if chosen("burst") {
        let count = if is_quick { 10_000 } else { 100_000 };
        let (count, times) = if is_large { (count / 5, 10) } else { (count, 1) };
        burst(disk.path(), count, times);
    }
    if chosen("stream") {
        stream(disk.path(), if is_quick { 10 } else { 30 });
    }
    if chosen("memory") {
        // A million files are made much faster in memory.
        let shared = Path::new("/dev/shm");
        let place = if shared.is_dir() { shared } else { disk.path() };
        let folder = tempfile::tempdir_in(place).unwrap();
        memory(folder.path(), &[1_000, if is_quick { 100_000 } else { 1_000_000 }]);
    }
}
