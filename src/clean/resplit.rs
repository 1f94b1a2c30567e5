//! Splits a run-on paragraph again where sentences were glued together without a blank.
//!
//! Some sites lose the breaks between paragraphs in their dumps: `…in Geneva.Both sides…`. A seam is the end of a
//! sentence, perhaps with a closing quotation mark, on which a capital letter, perhaps with an opening one, follows at
//! once. A straight quotation mark on the seam belongs to the side that balances it.

use std::sync::Arc;

use crate::clean::extraction::{Edit, TracedBlock};
use crate::limits::Stop;
use crate::page::BlockKind;
use crate::rules::RuleInfo;

/// Longest token that is read back from a full stop, in characters: no address is longer, and glued text has no end.
const TOKEN_CHARS_MAX: usize = 2_000;

/// Words that end in a full stop without ending a sentence, in lower case.
const ABBREVIATIONS: &[&str] = &[
    "st", "mr", "mrs", "ms", "dr", "prof", "rs", "vs", "lt", "col", "gen", "sen", "rep", "gov", "capt", "sgt", "rev",
    "hon", "jr", "sr", "mt", "ft",
];

/// Splits every kept paragraph at its seams.
pub(super) fn split(blocks: &mut Vec<TracedBlock>, rule: &Arc<RuleInfo>, stop: &Stop<'_>) {
    let mut parted = Vec::with_capacity(blocks.len());
    for traced in blocks.drain(..).take_while(|_| stop.goes_on()) {
        let pieces = if traced.is_kept() && traced.block.kind == BlockKind::Paragraph {
            pieces(&traced.block.text)
        } else {
            Vec::new()
        };
        if pieces.len() < 2 {
            parted.push(traced);
            continue;
        }
        for (index, piece) in pieces.into_iter().enumerate() {
            let mut part = traced.clone();
            if index == 0 {
                part.edits.push(Edit {
                    rule: Arc::clone(rule),
                    before: traced.block.text.clone(),
                });
            }
            part.block.text = piece;
            part.block.after_blank |= index > 0;
            parted.push(part);
        }
    }
    *blocks = parted;
}

/// The paragraph's pieces; one where it has no seam.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut open = false;
    let mut at = 0;
    while let Some(character) = characters.get(at).copied() {
        piece.push(character);
        open ^= character == '"';
        at += 1;
        if let Some(closing) = seam(&piece, open, characters.get(at..).unwrap_or_default()) {
            piece.extend(characters.iter().skip(at).take(closing));
            at += closing;
            pieces.push(std::mem::take(&mut piece));
            open = false;
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// Whether a seam follows the piece so far: the number of closing marks ahead that still belong to the piece.
fn seam(piece: &str, open: bool, ahead: &[char]) -> Option<usize> {
    if !ends_sentence(piece) {
        return None;
    }
    let marks = ahead
        .iter()
        .take_while(|c| matches!(c, '"' | '“' | '”' | '’' | '‘' | '»' | '«'))
        .count();
    let after = ahead.get(marks..)?;
    if !starts_sentence(after) {
        return None;
    }
    let curly = ahead
        .iter()
        .take(marks)
        .take_while(|c| matches!(c, '”' | '’' | '»'))
        .count();
    match (marks, ahead.first()) {
        (0, _) => Some(0),
        (1, Some('"')) => Some(usize::from(open)),
        (2, Some('"')) => Some(1),
        _ => Some(curly),
    }
}

fn ends_sentence(piece: &str) -> bool {
    match piece.chars().last() {
        Some('!' | '?' | '…') => true,
        Some('.') => {
            let word: String = piece
                .chars()
                .rev()
                .skip(1)
                .take_while(|c| c.is_alphanumeric())
                .take(TOKEN_CHARS_MAX)
                .collect();
            let word: String = word.chars().rev().collect();
            let token = token(piece);
            let token_is_address = token.contains("://") || token.starts_with("www.");
            let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
            // A bare full stop after a closing mark, as in `(sic).`, ends a sentence too.
            !(initial || token_is_address || ABBREVIATIONS.contains(&word.to_lowercase().as_str()))
        }
        _ => false,
    }
}

/// The end of a piece back to the last white space, as far as it is worth reading.
fn token(piece: &str) -> &str {
    let length: usize = piece
        .chars()
        .rev()
        .take(TOKEN_CHARS_MAX)
        .take_while(|c| !c.is_whitespace())
        .map(char::len_utf8)
        .sum();
    piece.split_at(piece.len() - length).1
}

/// A capital letter that begins a word or is one, but no initial or abbreviation of capitals.
fn starts_sentence(ahead: &[char]) -> bool {
    match (ahead.first(), ahead.get(1)) {
        (Some(first), Some(second)) => first.is_uppercase() && *second != '.',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seams_part_sentences() {
        assert_eq!(
            pieces("It rained.Then it stopped. The sun came.\"Good,\" he said."),
            ["It rained.", "Then it stopped. The sun came.", "\"Good,\" he said."]
        );
    }

    #[test]
    fn a_straight_quotation_mark_goes_to_the_side_that_balances_it() {
        assert_eq!(
            pieces("He said \"no.\"\"Yes,\" she said.Both left."),
            ["He said \"no.\"", "\"Yes,\" she said.", "Both left."]
        );
        assert_eq!(pieces("\"We go.\"They went."), ["\"We go.\"", "They went."]);
        assert_eq!(
            pieces("They went.\"We go,\" he said."),
            ["They went.", "\"We go,\" he said."]
        );
    }

    #[test]
    fn curly_quotation_marks_know_their_side() {
        assert_eq!(
            pieces("“We go.”“No,” she said.“Yes.”End."),
            ["“We go.”", "“No,” she said.", "“Yes.”", "End."]
        );
    }

    #[test]
    fn initials_abbreviations_amounts_and_addresses_are_no_seams() {
        for text in [
            "T.K.Pandey came by",
            "the U.S.Army went",
            "St.Petersburg is cold",
            "Rs.27 lakh",
            "see www.Foo.Com/Bar.Html now",
            "It is 3.5 percent",
        ] {
            assert_eq!(pieces(text), [text]);
        }
    }

    #[test]
    fn no_word_is_lost() {
        let text = "One.Two!Three?\"Four.\"\"Five.\" Six.";
        assert_eq!(pieces(text).concat(), text);
    }
}
