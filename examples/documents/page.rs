//! What the manual pages have in common.

use roff::{Inline, Roff, bold, roman};

/// The name of the whole manual, in the middle of each page's head.
pub(crate) const MANUAL: &str = "dehusk";

/// The program with its version, at the foot of each page.
pub(crate) const SOURCE: &str = concat!("dehusk ", env!("CARGO_PKG_VERSION"));

/// The last section of each page.
const SEE_ALSO: [(&str, &str); 3] = [("dehusk", "1"), ("dehusk.toml", "5"), ("dehusk-rules", "5")];

/// A page of section 5 with its head, its name and what it is in a few words.
pub(crate) fn file_format(name: &str, summary: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("TH", [name, "5", "", SOURCE, MANUAL]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {summary}"))]);
    roff
}

/// A term and, further in, what it means.
pub(crate) fn item(roff: &mut Roff, term: Vec<Inline>, meaning: &str) {
    roff.control("TP", []);
    roff.text(term);
    roff.text(inlines(meaning));
}

/// Where to read on; a page does not name itself.
pub(crate) fn see_also(roff: &mut Roff, own_name: &str) {
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for (name, section) in SEE_ALSO.iter().filter(|(name, _)| *name != own_name) {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(*name), roman(format!("({section})"))]);
    }
    roff.text(line);
}

/// Text in which what stands between backticks is bold.
pub(crate) fn inlines(text: &str) -> Vec<Inline> {
    text.split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(index, part)| if index % 2 == 0 { roman(part) } else { bold(part) })
        .collect()
}
