//! Random lists of what users and machines do, against an account of what must be true: nothing lost, doubled or half.
//!
//! A list follows from its seed, but the daemon's own pace does not, so a seed that fails may need several tries.

use std::fs;
use std::io::Write;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::account::{Account, outputs};
use super::bed::{Bed, Daemon, RULES, page, wait};
use super::record::{Record, is_thorough, say};

/// Names a single seed to run.
const SEED_VARIABLE: &str = "DEHUSK_RELIABILITY_SEED";

/// Names how many seeds to run in the slow form.
const SEEDS_VARIABLE: &str = "DEHUSK_RELIABILITY_SEEDS";

const ACTIONS: usize = 40;

const CONFIG: &str = "[spool]\nsettle-ms = 10\nstable-ms = 60\n[workers]\ncount = 2\nqueue = 8\n";

/// Something that a user or the machine does.
type Action = fn(&mut Play);

/// What is done, each with how often among the others.
const PLAN: &[(Action, u64)] = &[
    (Play::drop, 12),
    (Play::drop_slowly, 4),
    (Play::finish_a_slow_one, 4),
    (Play::move_a_tree_in, 2),
    (Play::replace, 6),
    (Play::take_back, 4),
    (Play::drop_a_bad_one, 2),
    (Play::kill, 3),
    (Play::stop, 2),
    (Play::start, 5),
    (Play::fill_disk, 2),
    (Play::free_disk, 3),
    (Play::change_rules, 3),
    (Play::make_folder, 2),
    (Play::remove_folder, 2),
    (Play::pause, 6),
    (Play::settle, 1),
];

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A file that is being written.
struct Writer {
    name: String,
    text: String,
    file: fs::File,
}

/// One list of actions in progress.
struct Play {
    dice: Dice,
    bed: Bed,
    account: Account,
    daemon: Option<Daemon>,
    writers: Vec<Writer>,
    pages: u64,
    is_full: bool,
    record: Record,
    told: Vec<String>,
}

impl Play {
    fn new(seed: u64, record: Record) -> Self {
        // Where nothing can be mounted, everything but the full disk is played.
        let bed = Bed::on_tmpfs(CONFIG, "size=16m").unwrap_or_else(|| Bed::with(CONFIG));
        Self {
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            bed,
            account: Account::new(),
            daemon: None,
            writers: Vec::new(),
            pages: 0,
            is_full: false,
            record,
            told: Vec::new(),
        }
    }

    fn run(mut self, seed: u64) -> Record {
        self.start();
        for _ in 0..ACTIONS {
            let whole: u64 = PLAN.iter().map(|(_, weight)| weight).sum();
            let mut point = self.dice.roll(whole);
            let action = PLAN.iter().find(|(_, weight)| {
                let is_it = point < *weight;
                point = point.saturating_sub(*weight);
                is_it
            });
            action.unwrap().0(&mut self);
            let seen = outputs(&self.bed);
            self.record.add_look_at_outputs(&self.account, &seen);
        }
        self.settle();
        let findings = self.account.look_at_end(&self.bed);
        let told = self.told.join(", ");
        self.record.add(findings, &format!("seed {seed}: {told}"));
        self.record
    }

    fn next_page(&mut self) -> String {
        self.pages += 1;
        page(&format!("Page {}.", self.pages))
    }

    fn name(&mut self) -> String {
        let folder = ["", "", "s0/", "s1/"][usize::try_from(self.dice.roll(4)).unwrap()];
        format!("{folder}p{}.html", self.dice.roll(12))
    }

    fn tell(&mut self, what: &str) {
        self.told.push(what.to_owned());
    }

    fn drop(&mut self) {
        let name = self.name();
        self.drop_as(&name);
    }

    /// Drops a page in one step; what waits under its name comes out the other way, and is known to be gone.
    fn drop_as(&mut self, name: &str) {
        if self.is_full {
            return;
        }
        self.tell(&format!("drop {name}"));
        let text = self.next_page();
        let (draft, to) = (self.bed.inbox(".new"), self.bed.inbox(name));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(&draft, &text).unwrap();
        self.account.note(name, text);
        loop {
            if renameat_with(CWD, &draft, CWD, &to, RenameFlags::EXCHANGE).is_ok() {
                self.forget(&draft);
                return;
            }
            // The daemon may have claimed the other, or tidied nothing: only a free name is taken.
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            if renameat_with(CWD, &draft, CWD, &to, RenameFlags::NOREPLACE).is_ok() {
                return;
            }
        }
    }

    fn forget(&mut self, path: &Path) {
        self.account.forget(&fs::read(path).unwrap());
        fs::remove_file(path).unwrap();
    }

    /// Begins to write a page in place. Only in the inbox itself: a file in a folder that the daemon does not watch yet
    /// is one that no event tells of.
    fn drop_slowly(&mut self) {
        let name = format!("slow-{}.html", self.pages);
        if self.is_full || self.daemon.is_none() {
            return;
        }
        self.tell(&format!("begin {name}"));
        let text = self.next_page();
        let mut file = fs::File::create(self.bed.inbox(&name)).unwrap();
        file.write_all(&text.as_bytes()[..150]).unwrap();
        self.writers.push(Writer { name, text, file });
    }

    fn finish_a_slow_one(&mut self) {
        let Some(mut writer) = self.writers.pop() else { return };
        self.tell(&format!("finish {}", writer.name));
        self.account.note(&writer.name, writer.text.clone());
        writer.file.write_all(&writer.text.as_bytes()[150..]).unwrap();
    }

    fn finish_all(&mut self) {
        while !self.writers.is_empty() {
            self.finish_a_slow_one();
        }
    }

    fn move_a_tree_in(&mut self) {
        if self.is_full {
            return;
        }
        let name = format!("t{}", self.pages);
        self.tell(&format!("tree {name}"));
        let tree = self.bed.path("spool/tree");
        for number in 0..3 {
            let text = self.next_page();
            let folder = tree.join(number.to_string());
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("x.html"), &text).unwrap();
            self.account.note(&format!("{name}/{number}/x.html"), text);
        }
        fs::rename(tree, self.bed.inbox(name)).unwrap();
    }

    fn replace(&mut self) {
        let name = self.name();
        for _ in 0..=self.dice.roll(3) {
            self.drop_as(&name);
        }
    }

    /// Takes back a page that may not be claimed yet.
    fn take_back(&mut self) {
        let name = self.name();
        let trash = self.bed.path("spool/trash");
        if fs::rename(self.bed.inbox(&name), &trash).is_ok() {
            self.tell(&format!("take back {name}"));
            self.forget(&trash);
        }
    }

    fn drop_a_bad_one(&mut self) {
        if !self.is_full {
            let name = format!("bad-{}.html", self.dice.roll(5));
            self.pages += 1;
            self.tell(&format!("drop {name}"));
            let (draft, to) = (self.bed.inbox(".bad"), self.bed.inbox(&name));
            let bytes = format!("%PDF-{}", self.pages);
            fs::write(&draft, &bytes).unwrap();
            if renameat_with(CWD, &draft, CWD, &to, RenameFlags::NOREPLACE).is_ok() {
                self.account.note(&name, bytes);
            } else {
                fs::remove_file(draft).unwrap();
            }
        }
    }

    /// A file that is half written at the start is one that no event told of, so writers end first.
    fn kill(&mut self) {
        self.finish_all();
        if let Some(daemon) = self.daemon.take() {
            self.tell("kill");
            daemon.kill();
            let findings = self.account.look(&self.bed);
            self.record.add_look(findings, "after a kill");
        }
    }

    fn stop(&mut self) {
        self.finish_all();
        if let Some(daemon) = self.daemon.take() {
            self.tell("stop");
            let log = daemon.end();
            assert!(log.contains("stopped; what is left"), "{log}");
            let findings = self.account.look(&self.bed);
            self.record.add_look(findings, "after a stop");
        }
    }

    fn start(&mut self) {
        if self.daemon.is_none() {
            self.tell("start");
            self.daemon = Some(self.bed.start());
        }
    }

    fn fill_disk(&mut self) {
        if !self.bed.is_on_tmpfs() || self.is_full {
            return;
        }
        self.finish_all();
        self.tell("fill");
        self.is_full = true;
        let ballast = self.bed.path("spool/ballast");
        fs::create_dir(&ballast).unwrap();
        let is_written = |number: &u64| fs::write(ballast.join(number.to_string()), vec![b'x'; 65_536]).is_ok();
        assert!((0..10_000).any(|number| !is_written(&number)), "the disk did not fill");
    }

    fn free_disk(&mut self) {
        if self.is_full {
            self.tell("free");
            fs::remove_dir_all(self.bed.path("spool/ballast")).unwrap();
            self.is_full = false;
        }
    }

    fn change_rules(&mut self) {
        self.tell("rules");
        let text = match self.dice.roll(3) {
            0 => RULES.replace("drop-line", "drop-lime"),
            1 => RULES.replace("soap", "shoes"),
            _ => RULES.to_owned(),
        };
        self.bed.put("rules/a.example.toml", text);
    }

    fn make_folder(&mut self) {
        let number = self.dice.roll(2);
        drop(fs::create_dir(self.bed.inbox(format!("s{number}"))));
    }

    /// Removes a folder of the inbox, if there is nothing in it.
    fn remove_folder(&mut self) {
        let number = self.dice.roll(2);
        drop(fs::remove_dir(self.bed.inbox(format!("s{number}"))));
    }

    fn pause(&mut self) {
        let milliseconds = self.dice.roll(80);
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
    }

    /// A quiet point: all that was begun comes to its end.
    fn settle(&mut self) {
        self.finish_all();
        self.free_disk();
        self.start();
        let told = self.told.join(", ");
        wait(&format!("rest after {told}"), || self.bed.is_at_rest());
        let findings = self.account.look_at_end(&self.bed);
        self.record.add_look(findings, "at a quiet point");
        self.tell("quiet");
    }
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_happens_in_whatever_order_nothing_is_lost_doubled_or_half() {
    let mut record = Record::of(
        "random lists of 40 actions",
        "drop, slow drop, move in, replace, take back, kill, stop, start, fill and free, rules, folders",
    );
    let count = if is_thorough() {
        number_of(SEEDS_VARIABLE).unwrap_or(100)
    } else {
        6
    };
    let seeds = number_of(SEED_VARIABLE).map_or(1..=count, |seed| seed..=seed);
    for seed in seeds {
        say(&format!("model: seed {seed}"));
        record = Play::new(seed, record).run(seed);
    }
    record.close();
}
