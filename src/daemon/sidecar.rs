//! The sidecar of a page: `x.html.meta.toml` says what else is known of `x.html`.

use std::io::{self, Read};

use super::reason::{BAD_SIDECAR, Fault};
use super::spool::Opened;
use crate::page::PageHints;
use crate::toml_file::{Diagnostic, Severity, SourceFile, read};

/// Largest sidecar, in bytes.
const SIDECAR_BYTES_MAX: u64 = 64 * 1024;

/// Adds what a sidecar says to the hints of its page. `Err` inside means that the sidecar is bad, outside that it
/// could not be read.
pub(crate) fn add_hints(hints: &mut PageHints, sidecar: Opened) -> io::Result<Result<(), Fault>> {
    let file = match sidecar {
        Opened::Page(file) => file,
        Opened::Gone => return Ok(Ok(())),
        Opened::NoFile(kind) => return Ok(Err(bad(&format!("it is {kind}")))),
    };
    let mut bytes = Vec::new();
    file.take(SIDECAR_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIDECAR_BYTES_MAX {
        return Ok(Err(bad(&format!("it is larger than {SIDECAR_BYTES_MAX} bytes"))));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(Err(bad("it is not UTF-8")));
    };
    Ok(parse(hints, &text))
}

fn parse(hints: &mut PageHints, text: &str) -> Result<(), Fault> {
    let ((), faults) = read(&SourceFile::new("sidecar", text), |root| {
        let take = |key, slot: &mut Option<String>| {
            if let Some(found) = root.string(key) {
                *slot = Some(found.value);
            }
        };
        take("url", &mut hints.url);
        take("site", &mut hints.site);
        take("charset", &mut hints.charset);
        root.finish();
    });
    let errors: Vec<String> = faults
        .iter()
        .filter(|fault| fault.severity == Severity::Error)
        .map(line_of)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(bad(&errors.join("; ")))
    }
}

fn line_of(fault: &Diagnostic) -> String {
    let help = if fault.help.is_empty() {
        String::new()
    } else {
        format!(" ({})", fault.help)
    };
    format!("line {}, column {}: {}{help}", fault.line, fault.column, fault.message)
}

fn bad(what: &str) -> Fault {
    Fault::new(BAD_SIDECAR, format!("the page's sidecar has faults: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_adds_what_it_knows() {
        let mut hints = PageHints::default();
        parse(&mut hints, "url = \"https://a.example/x\"\ncharset = \"koi8-r\"").unwrap();
        assert_eq!(hints.url.as_deref(), Some("https://a.example/x"));
        assert_eq!(hints.charset.as_deref(), Some("koi8-r"));
        assert_eq!(hints.site, None);
    }

    #[test]
    fn a_bad_sidecar_tells_every_fault() {
        let fault = parse(&mut PageHints::default(), "urll = \"x\"\nsite = 1").unwrap_err();
        assert_eq!(fault.code, BAD_SIDECAR);
        assert!(
            fault.message.contains("line 1, column 1") && fault.message.contains("did you mean `url`?"),
            "{}",
            fault.message
        );
        assert!(fault.message.contains("line 2, column 8"), "{}", fault.message);
    }
}
