//! Writers that are slow, stop in the middle, or are many: what is not complete is left alone, what is gets through.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use super::account::{Account, Findings};
use super::bed::{Bed, gzip, page, wait};
use super::record::Record;

/// Much longer than a file of which no event told must stay the same in these tests.
const LONG: Duration = Duration::from_millis(400);

/// A bed with little patience, so that a wait in vain is short.
const IMPATIENT: &str = "[spool]\nsettle-ms = 20\nstable-ms = 50\n";

#[test]
fn a_writer_that_is_stopped_in_the_middle_is_waited_for() {
    let mut record = Record::of(
        "writer stopped in mid-file (SIGSTOP), longer than `stable-ms`",
        "a shell that stops itself between two writes",
    );
    for number in 0..3 {
        let bed = Bed::with(IMPATIENT);
        let mut account = Account::new();
        let whole = page(&format!("Stopped {number}."));
        let (first, second) = whole.split_at(200);
        bed.put("first", first).put("second", second);
        account.note("slow.html", whole);
        let daemon = bed.start();
        let script = format!(
            "{{ cat '{}'; kill -STOP $$; cat '{}'; }} > '{}'",
            bed.path("first").display(),
            bed.path("second").display(),
            bed.inbox("slow.html").display()
        );
        let mut writer = Command::new("sh").args(["-c", &script]).spawn().unwrap();
        wait("the first half", || {
            fs::metadata(bed.inbox("slow.html")).is_ok_and(|found| found.len() == 200)
        });
        // Others come and go, each after a scan that sees the half file.
        for other in 0..4 {
            std::thread::sleep(LONG / 4);
            let name = format!("quick-{other}.html");
            account.drop(&bed, &name, page(&format!("Quick {other}.")));
            wait(&name, || bed.exists(format!("spool/done/{name}")));
        }
        let taken = Findings {
            half: usize::from(bed.exists("spool/outbox/slow.txt") || !bed.exists("spool/inbox/slow.html")),
            ..Findings::default()
        };
        drop(Command::new("kill").args(["-CONT", &writer.id().to_string()]).status());
        writer.wait().unwrap();
        bed.await_file("spool/outbox/slow.txt");
        bed.await_rest();
        daemon.stop();
        record.add(taken, "while the writer was stopped");
        record.add_look(account.look_at_end(&bed), "in the end");
    }
    record.close();
}

#[test]
fn writers_that_write_a_little_at_a_time_are_waited_for() {
    let mut record = Record::of("slow writers", "20 files at once, each written in 8 pieces over 0.8 s");
    let bed = Bed::with(IMPATIENT);
    let mut account = Account::new();
    for folder in 0..3 {
        fs::create_dir(bed.inbox(folder.to_string())).unwrap();
    }
    let daemon = bed.start();
    let pages: Vec<(String, String)> = (0..20)
        .map(|number| {
            (
                format!("{}/{number}.html", number % 3),
                page(&format!("Slow {number}.")),
            )
        })
        .collect();
    let mut files: Vec<fs::File> = pages
        .iter()
        .map(|(name, text)| {
            account.note(name, text.clone());
            fs::File::create(bed.inbox(name)).unwrap()
        })
        .collect();
    for piece in 0..8 {
        for (file, (_, text)) in files.iter_mut().zip(&pages) {
            let size = text.len().div_ceil(8);
            let end = (size * (piece + 1)).min(text.len());
            file.write_all(&text.as_bytes()[size * piece..end]).unwrap();
        }
        std::thread::sleep(LONG / 4);
    }
    let taken = Findings {
        half: bed.files("outbox").len(),
        ..Findings::default()
    };
    drop(files);
    wait("all texts", || bed.files("outbox").len() == pages.len() * 2);
    bed.await_rest();
    daemon.stop();
    record.add(taken, "while they were writing");
    record.add_look(account.look_at_end(&bed), "in the end");
    record.close();
}

#[test]
fn a_name_that_is_dropped_again_and_again_ends_with_the_last_one() {
    let mut record = Record::of(
        "name used again while its page is at work",
        "one name dropped 60 times, another 60 times over one that waits",
    );
    let bed = Bed::with(IMPATIENT);
    let mut account = Account::new();
    let daemon = bed.start();
    for number in 0..60 {
        account.release("same.html");
        account.drop(&bed, "same.html", page(&format!("Version {number}.")));
        // Every other time, the former one has been claimed by now.
        if number % 2 == 0 {
            wait("the claim", || !bed.exists("spool/inbox/same.html"));
        }
        record.add_look_at_outputs(&account, &super::account::outputs(&bed));
    }
    bed.await_rest();
    daemon.stop();
    record.add(account.look_at_end(&bed), "in the end");
    assert!(bed.read("spool/outbox/same.txt").contains("Version 59."));
    assert!(bed.files("done").len() >= 30, "{:?}", bed.files("done"));
    record.close();
}

#[test]
fn more_events_than_the_kernel_keeps_lose_no_page() {
    let mut record = Record::of(
        "more events than the kernel keeps (16,384)",
        "the daemon is stopped (SIGSTOP) while 20,000 files come and go and 300 pages are dropped",
    );
    let bed = Bed::with(IMPATIENT);
    let mut account = Account::new();
    let daemon = bed.start();
    daemon.signal("STOP");
    for number in 0..20_000 {
        let path = bed.inbox(format!("{number}.part"));
        fs::write(&path, "x").unwrap();
        fs::remove_file(&path).unwrap();
    }
    for number in 0..300 {
        account.drop(&bed, &format!("{number}.html"), page(&format!("Number {number}.")));
    }
    daemon.signal("CONT");
    wait("all pages", || bed.files("done").len() == 300);
    bed.await_rest();
    daemon.stop();
    record.add(account.look_at_end(&bed), "in the end");
    record.close();
}

#[test]
fn a_packed_page_whose_writer_stops_is_not_taken_for_a_broken_one() {
    let bed = Bed::with(IMPATIENT);
    let daemon = bed.start();
    let whole = gzip(page("Packed.").as_bytes());
    let mut file = fs::File::create(bed.inbox("slow.html.gz")).unwrap();
    file.write_all(&whole[..100]).unwrap();
    std::thread::sleep(LONG);
    file.write_all(&whole[100..]).unwrap();
    drop(file);
    assert!(bed.await_file("spool/outbox/slow.txt").contains("Packed."));
    daemon.stop();
    assert_eq!(bed.files("failed"), Vec::<String>::new());
}

/// What is not promised, so that nobody takes it for promised: nothing tells that a file is open which was opened before
/// the daemon watched its folder.
#[test]
fn a_file_that_was_half_written_before_the_start_is_known_only_by_its_stillness() {
    let mut record = Record::of(
        "not promised: a writer in place that began before the daemon did, and pauses longer than `stable-ms`",
        "a file held open across the start; half outputs are seen where no event tells that a file is open",
    );
    let bed = Bed::with(IMPATIENT);
    let mut account = Account::new();
    let whole = page("Paused.");
    let mut file = fs::File::create(bed.inbox("slow.html")).unwrap();
    file.write_all(&whole.as_bytes()[..200]).unwrap();
    let daemon = bed.start();
    wait("the half page", || bed.exists("spool/done/slow.html"));
    account.note("slow.html", whole.clone());
    file.write_all(&whole.as_bytes()[200..]).unwrap();
    drop(file);
    bed.await_rest();
    daemon.stop();
    record.add_look_at_outputs(&account, &super::account::outputs(&bed));
    record.close_unpromised();
}
