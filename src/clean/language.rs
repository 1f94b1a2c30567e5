//! The language of a text, for pages that do not say.

use crate::clean::extraction::{Fate, TracedBlock};
use crate::limits::LANGUAGE_DETECTION_CHARS;

/// The language of the kept text, where the detection is sure of it, as a two-letter code where there is one.
pub(super) fn language(blocks: &[TracedBlock]) -> Option<String> {
    let mut text = String::new();
    for traced in blocks.iter().filter(|traced| !matches!(traced.fate, Fate::Removed(_))) {
        text.extend(traced.block.text.chars().chain(['\n']));
        if text.len() > LANGUAGE_DETECTION_CHARS {
            break;
        }
    }
    let head: String = text.chars().take(LANGUAGE_DETECTION_CHARS).collect();
    let found = whatlang::detect(&head).filter(whatlang::Info::is_reliable)?;
    Some(two_letter_code(found.lang().code()).to_owned())
}

/// ISO 639-1 codes for the ISO 639-3 codes that the detection gives.
const TWO_LETTER_CODES: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "no"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

fn two_letter_code(code: &str) -> &str {
    TWO_LETTER_CODES
        .iter()
        .find(|(long, _)| *long == code)
        .map_or(code, |(_, short)| short)
}
