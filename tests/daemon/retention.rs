//! How long the running daemon keeps pages in `done`.

use std::fs;

use super::bed::{Bed, log_of, page, wait};

/// Puts files of a thousand bytes into `done`, oldest first.
fn fill(bed: &Bed) {
    for name in ["2024/old.html", "older/x.html", "young.html"] {
        bed.put(format!("spool/done/{name}"), vec![b'x'; 1_000]);
        // The clock of a file system ticks slowly.
        let changed = |path| fs::metadata(path).and_then(|found| found.modified()).unwrap();
        let (written, probe) = (changed(bed.path(format!("spool/done/{name}"))), bed.path("probe"));
        wait("the clock to tick", || {
            fs::write(&probe, "").unwrap();
            changed(probe.clone()) > written
        });
    }
}

#[test]
fn a_done_folder_that_is_too_large_loses_what_came_first_and_says_so() {
    let bed = Bed::with("[spool]\nsettle-ms = 50\nstable-ms = 300\ndone-bytes-max = 2500\n");
    fill(&bed);
    bed.put("spool/failed/kept.html", vec![b'x'; 5_000])
        .put("spool/outbox/kept.txt", vec![b'x'; 5_000]);
    let daemon = bed.start();
    wait("the oldest file to go", || !bed.exists("spool/done/2024"));
    wait("the log to tell", || daemon.log().contains("old files were deleted"));
    bed.drop("x.html", page("Rain."));
    wait("a page to be done", || bed.exists("spool/done/x.html"));
    let log = daemon.stop();
    assert!(log.contains("crowded=1") && log.contains("freed_bytes=1000"), "{log}");
    assert_eq!(bed.files("done"), ["older/x.html", "x.html", "young.html"]);
    assert!(bed.exists("spool/failed/kept.html") && bed.exists("spool/outbox/kept.txt"));
}

#[test]
fn a_run_with_an_end_keeps_the_limits_too_and_its_own_pages_count() {
    let bed = Bed::with("[spool]\nsettle-ms = 1\ndone-bytes-max = 1500\ndone-days-max = 1\n");
    fill(&bed);
    bed.drop("x.html", page("Rain."));
    let output = bed.once();
    assert!(output.status.success(), "{}", log_of(&output));
    assert_eq!(bed.files("done"), ["x.html", "young.html"]);
    assert!(!bed.exists("spool/done/older") && !bed.exists("spool/done/2024"));
}

#[test]
fn without_limits_nothing_is_deleted() {
    let bed = Bed::new();
    fill(&bed);
    assert!(bed.once().status.success());
    assert_eq!(bed.files("done").len(), 3);
}
