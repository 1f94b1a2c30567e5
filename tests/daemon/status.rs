//! What can be seen of a running daemon.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::bed::{Bed, RULES, page, wait};

const SOCKET: &str = "spool/state/status.sock";

fn ask(bed: &Bed, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
    command
        .arg("status")
        .arg("--config")
        .arg(bed.path("dehusk.toml"))
        .args(more);
    command.output().unwrap()
}

fn report(bed: &Bed) -> Value {
    serde_json::from_slice(&ask(bed, &["--json"]).stdout).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Sends bytes to the socket and gives the whole answer.
fn exchange(bed: &Bed, request: &[u8]) -> String {
    let mut stream = UnixStream::connect(bed.path(SOCKET)).unwrap();
    // A server that has seen enough closes its end.
    drop(stream.write_all(request));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8(answer).unwrap()
}

fn metrics(bed: &Bed) -> String {
    let answer = exchange(bed, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
    body.to_owned()
}

#[test]
fn counts_sites_and_rules_are_told() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let daemon = bed.start();
    bed.drop("a.html", page("Rain."))
        .drop("b.html", page("Snow."))
        .drop("bad.html", [0_u8; 64]);
    wait("the pages", || {
        let report = report(&bed);
        report["since_start"]["delivered"] == 2 && report["since_start"]["failed"] == 1 && report["now"]["claimed"] == 0
    });
    // Folders are counted now and then only.
    wait("the count of the failed folder", || {
        report(&bed)["now"]["failed_folder"] == 1
    });
    let seen = report(&bed);
    assert_eq!(seen["schema"], 1);
    assert_eq!(seen["state"], "running");
    assert_eq!(seen["pid"], daemon.child.id());
    assert_eq!(seen["durability"], "strict");
    assert_eq!(seen["sites"][0]["site"], "a.example");
    assert_eq!(seen["sites"][0]["delivered"], 2);
    assert_eq!(seen["sites"][0]["has_rules"], true);
    assert_eq!(seen["other_sites"]["failed"], 1);
    assert_eq!(seen["failures"].as_object().unwrap().len(), 1);
    assert_eq!(seen["rules"]["files"], 1);
    assert_eq!(seen["rules"]["refused_count"], 0);
    assert_eq!(seen["now"]["failed_folder"], 1);
    assert_eq!(seen["pause"], Value::Null);
    let errors = seen["last_errors"].as_array().unwrap();
    assert_eq!(errors.last().unwrap()["file"], "bad.html");
    let table = ask(&bed, &[]);
    assert!(table.status.success());
    assert!(
        text(&table).contains("2 delivered, 1 failed, 0 held"),
        "{}",
        text(&table)
    );
    daemon.stop();
}

#[test]
fn the_names_of_the_fields_are_those_of_the_document() {
    let bed = Bed::new();
    let daemon = bed.start();
    bed.put("rules/bad.toml", "schema = = 1");
    bed.drop("bad.html", [0_u8; 64]).drop("x.html", page("Rain."));
    wait("the pages", || {
        report(&bed)["since_start"]["failed"] == 1 && report(&bed)["rules"]["refused_count"] == 1
    });
    let document = include_str!("../../docs/status.md");
    let mut names = BTreeSet::new();
    names_of(&report(&bed), "", &mut names);
    assert!(names.len() > 40, "{names:?}");
    for name in names.iter().filter(|name| !name.starts_with("failures.")) {
        assert!(
            document.contains(&format!("`{name}`")),
            "docs/status.md does not name `{name}`"
        );
    }
    daemon.stop();
}

fn names_of(value: &Value, path: &str, names: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        names_of(value, &path, names);
        names.insert(path);
    }
    for value in value.as_array().into_iter().flatten() {
        names_of(value, path, names);
    }
}

#[test]
fn without_a_daemon_the_folders_are_counted() {
    let bed = Bed::new();
    assert_eq!(ask(&bed, &[]).status.code(), Some(3));
    bed.drop("x.html", page("Rain.")).drop("bad.html", [0_u8; 64]);
    bed.once();
    bed.drop("y.html", page("Snow."));
    let output = ask(&bed, &["--json"]);
    assert_eq!(output.status.code(), Some(3));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["state"], "not-running");
    let pages = |folder: &str| seen["folders"][folder]["pages"].as_u64().unwrap();
    assert_eq!(
        ["inbox", "work", "outbox", "failed", "held"].map(pages),
        [1, 0, 1, 1, 0]
    );
    assert!(text(&ask(&bed, &[])).starts_with("no daemon runs"));
    assert!(!bed.exists(SOCKET), "a run that ended left its socket");
}

#[test]
fn a_socket_of_a_killed_daemon_gives_way_to_the_next_ones() {
    let bed = Bed::new();
    bed.start().kill();
    assert!(bed.exists(SOCKET));
    assert_eq!(ask(&bed, &[]).status.code(), Some(3));
    let daemon = bed.start();
    assert_eq!(report(&bed)["pid"], daemon.child.id());
    daemon.stop();
    assert!(!bed.exists(SOCKET));
}

#[test]
fn the_umask_says_who_may_ask() {
    let bed = Bed::new();
    let plain = bed.command();
    let mut command = Command::new("sh");
    command.args(["-c", "umask 0027; exec \"$@\"", "sh"]);
    command
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_remove("JOURNAL_STREAM")
        .env_remove("NOTIFY_SOCKET");
    let daemon = bed.spawn_as(command);
    wait("the socket", || bed.exists(SOCKET));
    let mode = fs::metadata(bed.path(SOCKET)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
    wait("the start", || ask(&bed, &[]).status.success());
    daemon.stop();
}

#[test]
fn a_pause_is_told_with_its_reason_until_it_ends() {
    let bed = Bed::new();
    let daemon = bed.start();
    fs::remove_dir_all(bed.path("spool/tmp")).unwrap();
    bed.drop("x.html", page("Rain."));
    wait("the pause", || report(&bed)["state"] == "paused");
    let output = ask(&bed, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("paused for") && text(&output).contains("spool/tmp is gone"),
        "{}",
        text(&output)
    );
    assert!(metrics(&bed).contains("dehusk_paused 1\n"));
    fs::create_dir(bed.path("spool/tmp")).unwrap();
    wait("the page", || bed.exists("spool/done/x.html"));
    wait("the end of the pause", || ask(&bed, &[]).status.success());
    daemon.stop();
}

#[test]
fn a_refused_rule_file_is_told_with_what_is_in_force_in_its_place() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let daemon = bed.start();
    bed.put("rules/a.example.toml", format!("{RULES}drop-lin = []\n"));
    bed.put("rules/b.toml", "schema = = 1");
    wait("the faults", || report(&bed)["rules"]["refused_count"] == 2);
    let seen = report(&bed);
    let refused = seen["rules"]["refused"].as_array().unwrap();
    assert_eq!(refused[0]["in_force"], "last-good");
    assert!(
        refused[0]["fault"].as_str().unwrap().starts_with("line 5, column 1: "),
        "{seen}"
    );
    assert_eq!(refused[1]["in_force"], "nothing");
    assert_eq!(seen["rules"]["files"], 1);
    bed.put("rules/a.example.toml", RULES);
    fs::remove_file(bed.path("rules/b.toml")).unwrap();
    wait("the faults to go", || report(&bed)["rules"]["refused_count"] == 0);
    daemon.stop();
}

#[test]
fn clients_that_say_nothing_hold_up_neither_the_work_nor_others_for_long() {
    let bed = Bed::new();
    let daemon = bed.start();
    let silent: Vec<UnixStream> = (0..40)
        .map(|_| UnixStream::connect(bed.path(SOCKET)).unwrap())
        .collect();
    bed.drop("x.html", page("Rain."));
    wait("the page", || bed.exists("spool/done/x.html"));
    drop(silent.into_iter().take(30));
    assert!(ask(&bed, &[]).status.success());
    daemon.stop();
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let bed = Bed::new();
    let daemon = bed.start();
    let refused = |request: &[u8], status: &str| {
        let answer = exchange(&bed, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    };
    refused(b"hello\r\n\r\n", "400");
    refused(b"GET /inbox HTTP/1.1\r\n\r\n", "404");
    refused(b"DELETE /status HTTP/1.1\r\n\r\n", "405");
    refused(&[b'x'; 8 * 1024], "431");
    assert!(exchange(&bed, b"HEAD /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
    assert_eq!(report(&bed)["state"], "running");
    daemon.stop();
}

#[test]
fn watching_goes_on_through_a_restart() {
    let bed = Bed::new();
    let daemon = bed.start();
    let mut watcher = Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .args(["status", "--watch", "--config"])
        .arg(bed.path("dehusk.toml"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watcher.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line.starts_with("running: ")));
    daemon.stop();
    assert!(lines.by_ref().any(|line| line.starts_with("no daemon runs")));
    let daemon = bed.start();
    assert!(lines.by_ref().any(|line| line.starts_with("running: ")));
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    daemon.stop();
}

#[test]
fn metrics_are_served_over_tcp_to_this_machine_where_that_is_wished() {
    // The port is free at this moment, and hardly taken by anybody else before the daemon has it.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let bed = Bed::with(&format!("[status]\nsocket = false\nmetrics-address = \"{address}\"\n"));
    let daemon = bed.start();
    let get = |target: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(get("/metrics").contains("dehusk_waiting_pages 0\n"));
    assert!(
        get("/status").starts_with("HTTP/1.1 404"),
        "names of files are not for every user of the machine"
    );
    let output = ask(&bed, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("holds the spool and does not tell"),
        "{}",
        text(&output)
    );
    daemon.stop();
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    for address in [
        "0.0.0.0:9464",
        "[::]:9464",
        "192.0.2.1:9464",
        "localhost:9464",
        "127.0.0.1",
    ] {
        let bed = Bed::with(&format!("[status]\nmetrics-address = \"{address}\"\n"));
        let output = bed.once();
        assert_eq!(output.status.code(), Some(2), "{address}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            told.contains("metrics-address") && told.contains("127.0.0.1:9464"),
            "{told}"
        );
    }
}

#[test]
fn a_port_that_is_taken_does_not_keep_the_daemon_from_working() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let bed = Bed::with(&format!("[status]\nmetrics-address = \"{address}\"\n"));
    bed.put(PathBuf::from(SOCKET), "something else");
    let daemon = bed.start();
    bed.drop("x.html", page("Rain."));
    wait("the page", || bed.exists("spool/done/x.html"));
    let log = daemon.stop();
    assert!(
        log.contains("metrics can't be served there") && log.contains("the status socket can't be opened"),
        "{log}"
    );
    assert_eq!(bed.read(SOCKET), "something else");
}

/// A family of metrics.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    unit: Option<String>,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// Reads the text form of `OpenMetrics` 1.0 strictly, as far as counters, gauges, histograms and infos go.
fn families(text: &str) -> BTreeMap<String, Family> {
    let body = text
        .strip_suffix("# EOF\n")
        .expect("the text has to end with its end mark");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (keyword, name, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            if name != current {
                assert!(!families.contains_key(name), "{name} is told twice");
                name.clone_into(&mut current);
            }
            let family = families.entry(current.clone()).or_default();
            assert!(family.samples.is_empty(), "{line} comes after samples");
            match keyword {
                "TYPE" => value.clone_into(&mut family.kind),
                "UNIT" => family.unit = Some(value.to_owned()),
                "HELP" => assert!(!value.is_empty()),
                other => panic!("unknown keyword {other}"),
            }
        } else {
            let (name, labels, value) = sample(line);
            assert!(name.starts_with(&current), "{line} is none of {current}");
            families.get_mut(&current).unwrap().samples.push((name, labels, value));
        }
    }
    families
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let value = if value == "+Inf" {
        f64::INFINITY
    } else {
        value.parse().unwrap()
    };
    let Some((name, rest)) = series.split_once('{') else {
        return (series.to_owned(), BTreeMap::new(), value);
    };
    let inner = rest.strip_suffix('}').unwrap();
    let mut labels = BTreeMap::new();
    for pair in inner.split_terminator("\",").filter_map(|part| part.split_once("=\"")) {
        let (key, value) = (pair.0, pair.1.trim_end_matches('"'));
        assert!(key.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        assert!(labels.insert(key.to_owned(), value.to_owned()).is_none(), "{line}");
    }
    (name.to_owned(), labels, value)
}

fn check(name: &str, family: &Family) {
    assert!(
        name.starts_with("dehusk_") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
        "{name}"
    );
    if let Some(unit) = &family.unit {
        assert!(name.ends_with(&format!("_{unit}")), "{name} does not end with its unit");
    }
    let suffixes: &[&str] = match family.kind.as_str() {
        "counter" => &["_total"],
        "gauge" => &[""],
        "info" => &["_info"],
        "histogram" => &["_bucket", "_sum", "_count"],
        kind => panic!("{name} is of an unknown kind: {kind}"),
    };
    let mut series = BTreeSet::new();
    for (sample, labels, value) in &family.samples {
        let suffix = sample.strip_prefix(name).unwrap();
        assert!(suffixes.contains(&suffix), "{sample} of a {}", family.kind);
        assert!(*value >= 0.0, "{sample} is negative");
        assert!(series.insert((sample, labels)), "{sample} {labels:?} is told twice");
    }
}

/// The buckets of a histogram grow, and the last one holds all.
fn check_histogram(family: &Family) {
    let of = |suffix: &'static str| family.samples.iter().filter(move |(name, ..)| name.ends_with(suffix));
    let buckets: Vec<(f64, f64)> = of("_bucket")
        .map(|(_, labels, value)| (labels["le"].replace("+Inf", "inf").parse().unwrap(), *value))
        .collect();
    assert!(
        buckets
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1),
        "{buckets:?}"
    );
    let (bound, all) = *buckets.last().unwrap();
    assert!(bound.is_infinite() && of("_count").all(|(.., count)| (count - all).abs() < 0.1) && all > 0.0);
    assert_eq!((of("_count").count(), of("_sum").count()), (1, 1));
}

#[test]
fn metrics_are_well_formed_and_add_up() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let daemon = bed.start();
    bed.drop("a.html", page("Rain.")).drop("bad.html", [0_u8; 64]);
    bed.drop("other.html", page("Snow.").replace("a.example", "\\\"b.example"));
    wait("the pages", || {
        let totals = &report(&bed)["since_start"];
        totals["delivered"] == 2 && totals["failed"] == 1
    });
    let families = families(&metrics(&bed));
    for (name, family) in &families {
        check(name, family);
    }
    check_histogram(&families["dehusk_page_seconds"]);
    let sum = |name: &str| families[name].samples.iter().map(|(.., value)| value).sum::<f64>();
    assert!((sum("dehusk_pages_delivered") - 2.0).abs() < 0.1);
    assert!((sum("dehusk_pages_failed") - 1.0).abs() < 0.1);
    assert!((sum("dehusk_failures") - 1.0).abs() < 0.1);
    let sites: Vec<&str> = families["dehusk_pages_delivered"]
        .samples
        .iter()
        .map(|(_, labels, _)| labels["site"].as_str())
        .collect();
    assert!(
        sites.contains(&"a.example") && sites.contains(&"other") && sites.len() == 2,
        "{sites:?}"
    );
    for name in [
        "dehusk_waiting_pages",
        "dehusk_start_time_seconds",
        "dehusk_rule_files_refused",
        "dehusk_build",
    ] {
        assert_eq!(families[name].samples.len(), 1, "{name}");
    }
    daemon.stop();
}
