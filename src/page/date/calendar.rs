//! The forms that a day, month and year stand in.

use jiff::civil::Date;

use super::names;
use super::tokens::Tokens;
use super::words;

/// Years that a page's date may have.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// Most words of a month's name.
const MONTH_WORDS_MAX: usize = 3;

/// Most joints between two parts of a date.
const JOINTS_MAX: usize = 3;

/// A reader of one form: the date that starts at a place, and the place after it.
type Form = fn(&Tokens, usize) -> Option<(Date, usize)>;

/// Every form; the first that fits counts.
const FORMS: &[Form] = &[
    year_first,
    year_last,
    day_month_year,
    month_day_year,
    year_month_day,
    by_units,
];

/// The date that starts at a place, and the place after it.
pub(super) fn date_at(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    if follows_letters(tokens, start) {
        return None;
    }
    FORMS.iter().find_map(|form| form(tokens, start))
}

/// A date of parts that were read, if there is such a day in a year that counts.
pub(super) fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Whether a date counts at all.
pub(super) fn is_in_range(date: Date) -> bool {
    YEARS.contains(&date.year())
}

/// Whether a number is the tail of something like `v5` or `A320`. Labels may touch it: text joined from several
/// elements often lacks the blank.
fn follows_letters(tokens: &Tokens, start: usize) -> bool {
    let Some(before) = start.checked_sub(1).filter(|_| tokens.is_glued(start)) else {
        return false;
    };
    let Some(word) = tokens.word(before) else { return false };
    let speaks = words::is_label(word) || words::is_connector(word) || names::is_weekday(word);
    word.is_ascii() && (word.len() == 1 || !speaks)
}

/// `2024-03-05`, `2024/03/05`, `2024.03.05`, `2024. 3. 5.`
fn year_first(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let (year, month, day, end) = three_numbers(tokens, start)?;
    let glued = tokens.is_glued(start + 2);
    let version_like = tokens.has_mark(start + 1, '.') && glued && (month.1 < 2 || day.1 < 2);
    if year.1 != 4 || month.1 > 2 || day.1 > 2 || version_like {
        return None;
    }
    Some((date(year.0, month.0, day.0)?, end))
}

/// `05.03.2024`, `5-3-2024`, `18/02/2022`. The day stands first; with slashes, where Americans put the month first,
/// only a date that reads one way counts.
fn year_last(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let (first, second, year, end) = three_numbers(tokens, start)?;
    if year.1 != 4 || first.1 > 2 || second.1 > 2 {
        return None;
    }
    let day_first = date(year.0, second.0, first.0);
    let month_first = date(year.0, first.0, second.0);
    let read = match tokens.mark(start + 1)? {
        '.' => day_first,
        '-' => day_first.or(month_first),
        _ if day_first.is_some() && month_first.is_some() => day_first.filter(|date| Some(*date) == month_first),
        _ => day_first.or(month_first),
    };
    Some((read?, end))
}

/// A number's value and its count of digits.
type Digits = (u32, usize);

/// Three numbers with the same mark between them, no more of the kind before or after them.
fn three_numbers(tokens: &Tokens, start: usize) -> Option<(Digits, Digits, Digits, usize)> {
    let mark = tokens.mark(start + 1).filter(|mark| ['-', '/', '.'].contains(mark))?;
    if !tokens.is_glued(start + 1) || !tokens.has_mark(start + 3, mark) || !tokens.is_glued(start + 3) {
        return None;
    }
    let spaced = mark == '.';
    let part = |index| tokens.number(index).filter(|_| spaced || tokens.is_glued(index));
    let parts = (tokens.number(start)?, part(start + 2)?, part(start + 4)?);
    let more_after =
        tokens.has_mark(start + 5, mark) && tokens.is_glued(start + 5) && tokens.glued_number(start + 6).is_some();
    let more_before = tokens.is_glued(start)
        && start.checked_sub(2).is_some_and(|before| {
            tokens.has_mark(before + 1, mark) && tokens.is_glued(before + 1) && tokens.number(before).is_some()
        });
    if more_after || more_before {
        return None;
    }
    Some((parts.0, parts.1, parts.2, start + 5))
}

/// `5 March 2024`, `3. März 2024`, `5 de marzo de 2024`, `the 5th of March, 2024`, `18-Feb-2022`.
fn day_month_year(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let day = tokens.short_number(start)?;
    let after_day = skip_joints(tokens, skip_ordinal(tokens, start + 1), &['.', '-', '/']);
    let (month, after_month) = month_at(tokens, after_day)?;
    let (year, end) = year_at(
        tokens,
        skip_joints(tokens, after_month, &['.', '-', '/', ',', '\'', '’']),
    )?;
    Some((date(year, month, day)?, end))
}

/// `March 5, 2024`, `Mar 5 2024`, `marzo 5 de 2024`.
fn month_day_year(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let (month, day, after_day) = month_and_day(tokens, start)?;
    let (year, end) = year_at(tokens, skip_joints(tokens, after_day, &['.', '-', '/', ',', '\'', '’']))?;
    Some((date(year, month, day)?, end))
}

/// Month and day in this order, and the place after them.
pub(super) fn month_and_day(tokens: &Tokens, start: usize) -> Option<(u32, u32, usize)> {
    let (month, after_month) = month_at(tokens, start)?;
    let at = skip_joints(tokens, after_month, &['.', '-', '/']);
    let day = tokens.short_number(at)?;
    Some((month, day, skip_ordinal(tokens, at + 1)))
}

/// `2024. március 5.`, `2024 March 5`, `2024-Mar-05`.
fn year_month_day(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let (year, after_year) = year_at(tokens, start)?;
    let (month, day, end) = month_and_day(tokens, skip_joints(tokens, after_year, &['.', ',', '-', '/']))?;
    let is_hour = tokens.has_mark(end, ':') && tokens.glued_number(end + 1).is_some();
    if is_hour {
        return None;
    }
    Some((date(year, month, day)?, end))
}

/// `2024年3月5日`, `2024년 3월 5일`.
fn by_units(tokens: &Tokens, start: usize) -> Option<(Date, usize)> {
    let (year, after_year) = year_at(tokens, start)?;
    unit_at(tokens, after_year, &["年", "년"])?;
    let month = tokens.short_number(after_year + 1)?;
    unit_at(tokens, after_year + 2, &["月", "월"])?;
    let day = tokens.short_number(after_year + 3)?;
    unit_at(tokens, after_year + 4, &["日", "일", "号", "號"])?;
    Some((date(year, month, day)?, after_year + 5))
}

fn unit_at(tokens: &Tokens, at: usize, units: &[&str]) -> Option<()> {
    let word = tokens.word(at)?;
    units.iter().any(|unit| word.starts_with(unit)).then_some(())
}

fn year_at(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    let (year, digits) = tokens.number(at)?;
    (digits == 4).then_some((year, at + 1))
}

/// The month named at a place, with its dot, and the place after it. The longest name wins.
pub(super) fn month_at(tokens: &Tokens, start: usize) -> Option<(u32, usize)> {
    let first = tokens.word(start)?;
    if names::is_month_prefix(first)
        && let Some(number) = tokens.short_number(start + 1)
    {
        return Some((number, start + 2));
    }
    let (month, end) = (1..=MONTH_WORDS_MAX).rev().find_map(|words| {
        let name = joined(tokens, start, words)?;
        Some((names::month(&name)?, start + words))
    })?;
    Some((u32::try_from(month).ok()?, end))
}

fn joined(tokens: &Tokens, start: usize, words: usize) -> Option<String> {
    let mut name = tokens.word(start)?.to_owned();
    for index in start + 1..start + words {
        name.push(' ');
        name.push_str(tokens.word(index)?);
    }
    Some(name)
}

/// Passes the ordinal's ending after a day: `th`, `er`, `º`, `-го`.
fn skip_ordinal(tokens: &Tokens, at: usize) -> usize {
    let hyphen = usize::from(tokens.has_mark(at, '-') && tokens.is_glued(at));
    let at_ending = at + hyphen;
    let is_ending = tokens.is_glued(at_ending) && tokens.word(at_ending).is_some_and(words::is_ordinal);
    if is_ending {
        return at_ending + 1;
    }
    at + usize::from(tokens.has_mark(at, '°'))
}

/// Passes words and marks that may stand between two parts. Hyphens and slashes join only what touches them.
fn skip_joints(tokens: &Tokens, start: usize, marks: &[char]) -> usize {
    let is_joint = |at: usize| match tokens.mark(at) {
        Some(mark @ ('-' | '/')) => marks.contains(&mark) && tokens.is_glued(at) && tokens.is_glued(at + 1),
        Some(mark) => marks.contains(&mark),
        None => tokens.word(at).is_some_and(words::is_joint),
    };
    (start..start + JOINTS_MAX)
        .find(|at| !is_joint(*at))
        .unwrap_or(start + JOINTS_MAX)
}
