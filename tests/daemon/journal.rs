//! What the journal gets, by a journal of the test's own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use super::bed::{Bed, RULES, page};

/// Fields that are the journal's own; all others have to begin with our prefix.
const JOURNAL_FIELDS: &[&str] = &[
    "MESSAGE",
    "PRIORITY",
    "TARGET",
    "CODE_FILE",
    "CODE_LINE",
    "SYSLOG_IDENTIFIER",
];

/// Puts the test's journal where the journal's socket is, in a mount namespace of its own, and becomes dehusk.
const SCRIPT: &str = r#"mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && mount --bind "$1" /run/systemd/journal || exit 99
shift; exec "$@""#;

/// The fields of a message in the journal's own form: `NAME=value`, or `NAME`, eight bytes of length, and the value.
fn fields(mut bytes: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8(bytes[..end].to_vec()).unwrap();
        bytes = &bytes[end + 1..];
        if let Some((name, value)) = line.split_once('=') {
            found.insert(name.to_owned(), value.to_owned());
            continue;
        }
        let (length, rest) = bytes.split_at(8);
        let length = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
        found.insert(line, String::from_utf8(rest[..length].to_vec()).unwrap());
        bytes = &rest[length + 1..];
    }
    found
}

#[test]
fn the_journal_gets_fields_with_our_prefix() {
    let bed = Bed::with("[log]\nformat = \"journald\"\n");
    bed.put("rules/a.example.toml", RULES);
    bed.drop("x.html", page("Rain.")).drop("bad.html", [0_u8; 64]);
    fs::create_dir(bed.path("journal")).unwrap();
    let socket = UnixDatagram::bind(bed.path("journal/socket")).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let listener = std::thread::spawn(move || {
        let mut messages = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        // The daemon's end is told by its last message.
        while messages
            .iter()
            .all(|fields: &BTreeMap<String, String>| !fields["MESSAGE"].starts_with("stopped;"))
        {
            match socket.recv(&mut buffer) {
                Ok(0) => {}
                Ok(bytes) => messages.push(fields(&buffer[..bytes])),
                Err(_) if messages.len() > 1_000 => break,
                Err(_) => {
                    messages.push(BTreeMap::from([("MESSAGE".to_owned(), String::new())]));
                }
            }
        }
        messages
    });
    let dehusk = bed.command();
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(bed.path("journal"));
    command.arg(dehusk.get_program()).args(dehusk.get_args()).arg("--once");
    let output = command.output();
    let Some(output) = output.ok().filter(|output| output.status.code() != Some(99)) else {
        drop(writeln!(
            std::io::stderr(),
            "skipped: no mount namespace can be made here"
        ));
        return;
    };
    if !output.status.success() && output.stderr.starts_with(b"unshare:") {
        drop(writeln!(
            std::io::stderr(),
            "skipped: no mount namespace can be made here"
        ));
        return;
    }
    let messages = listener.join().unwrap();
    let of = |message: &str| {
        let found = messages.iter().find(|fields| fields["MESSAGE"].starts_with(message));
        found.unwrap_or_else(|| panic!("no message begins with {message}: {messages:?}"))
    };
    let good = of("page delivered");
    assert_eq!(good["DEHUSK_SITE"], "a.example");
    assert_eq!(good["DEHUSK_FILE"], "x.html");
    assert_eq!(good["DEHUSK_RULE_SET"].len(), 16);
    assert_eq!(good["PRIORITY"], "6");
    assert_eq!(good["SYSLOG_IDENTIFIER"], "dehusk");
    let bad = of("page failed");
    assert_eq!(bad["DEHUSK_FILE"], "bad.html");
    assert_eq!(bad["PRIORITY"], "4");
    assert!(
        !bad["DEHUSK_CODE"].is_empty() && bad["MESSAGE"].contains(&bad["DEHUSK_REASON"]),
        "{bad:?}"
    );
    for name in messages.iter().flat_map(BTreeMap::keys) {
        assert!(
            name.starts_with("DEHUSK_") || JOURNAL_FIELDS.contains(&name.as_str()),
            "{name}"
        );
    }
}
