//! Dates as pages write them: in many languages, with or without a time and a zone, alone on a line or in a text.

mod calendar;
mod clock;
mod names;
mod tokens;
mod words;

use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZoneDatabase};

use clock::Clock;
use tokens::{Token, Tokens};
use words::Zone;

/// Most fillers between a date and the time that belongs to it.
const GAP_TOKENS_MAX: usize = 6;

/// Marks that say nothing on a line with a date.
const FILLER_MARKS: &str = ".,:;|/-–—‒―−·•∙()[]@~'’\"›»«<>＠｜・";

/// The zones of the world as they are compiled in; the system's own are never read.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A day, a time of day on it, or a time with the offset that it counts in. Shown as ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamp {
    /// A day.
    Date(Date),
    /// A time of day somewhere.
    Local(DateTime),
    /// A time of day at an offset from Greenwich.
    Zoned(DateTime, Offset),
}

impl Stamp {
    /// The day, as it was written.
    pub fn date(&self) -> Date {
        match self {
            Self::Date(date) => *date,
            Self::Local(time) | Self::Zoned(time, _) => time.date(),
        }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Local(time) => write_time(f, time),
            Self::Zoned(time, offset) => {
                write_time(f, time)?;
                write_offset(f, *offset)
            }
        }
    }
}

/// Writes whole seconds: a page's fractions mean nothing.
fn write_time(f: &mut fmt::Formatter<'_>, time: &DateTime) -> fmt::Result {
    write!(
        f,
        "{}T{:02}:{:02}:{:02}",
        time.date(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn write_offset(f: &mut fmt::Formatter<'_>, offset: Offset) -> fmt::Result {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return f.write_str("Z");
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// The first date, with its time if it has one, in the first 300 characters of a text that may say other things.
///
/// Day, month and year (1900 to 2100) must all be there. Numbers alone count as year first, or as day first when
/// dots or hyphens part them; with slashes, only where they read one way. A run of digits such as `20220121` is no
/// date here: see [`with_format`].
pub fn find(text: &str) -> Option<Stamp> {
    let tokens = Tokens::new(text);
    (0..tokens.len())
        .find_map(|start| stamp_at(&tokens, start))
        .map(|(stamp, _)| stamp)
}

/// The date of a line that is nothing but a date: besides its parts there may be weekdays, connectors and labels
/// such as `Last updated`. If a second, labelled date follows, the first counts.
pub fn dateline(line: &str) -> Option<Stamp> {
    if line.chars().nth(tokens::TEXT_CHARS_MAX).is_some() {
        return None;
    }
    let tokens = Tokens::new(line);
    let (first, mut at) = stamp_at(&tokens, skip_fillers(&tokens, 0))?;
    loop {
        let next = skip_fillers(&tokens, at);
        if next >= tokens.len() {
            return Some(first);
        }
        // Two dates without a label between them are a span of time, which is about something else.
        (at..next).find(|index| tokens.word(*index).is_some_and(words::is_label))?;
        (_, at) = stamp_at(&tokens, next)?;
    }
}

/// The date of a text that has exactly the given form, in jiff's `strptime` notation (`%Y%m%d`, `%d/%m/%Y %H:%M`).
/// What the form has decides what comes back: a time makes it local, an offset zoned.
pub fn with_format(text: &str, format: &str) -> Option<Stamp> {
    let parts = strtime::parse(format, text.trim()).ok()?;
    let date = parts.to_date().ok().filter(|date| calendar::is_in_range(*date));
    if parts.timestamp().is_some() && date.is_none() {
        let moment = Offset::UTC.to_datetime(parts.to_timestamp().ok()?);
        return calendar::is_in_range(moment.date()).then_some(Stamp::Zoned(moment, Offset::UTC));
    }
    let time = parts.hour().is_some().then(|| time_of(&parts)).flatten();
    let Some(time) = time else { return date.map(Stamp::Date) };
    let local = date?.to_datetime(time);
    match (parts.offset(), parts.iana_time_zone()) {
        (Some(offset), _) => Some(Stamp::Zoned(local, offset)),
        (None, Some(zone)) => in_zone(Stamp::Local(local), zone),
        (None, None) => Some(Stamp::Local(local)),
    }
}

fn time_of(parts: &BrokenDownTime) -> Option<jiff::civil::Time> {
    parts.to_time().ok()
}

/// Gives a local time the offset that an IANA zone (`Asia/Kolkata`) had then; other stamps come back as they are.
/// `None` if there is no such zone.
pub fn in_zone(stamp: Stamp, zone: &str) -> Option<Stamp> {
    let zone = ZONES.get(zone).ok()?;
    let Stamp::Local(local) = stamp else { return Some(stamp) };
    let moment = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(Stamp::Zoned(local, zone.to_offset(moment)))
}

/// Whether a word is a month, a weekday or a label of dates such as `Updated`, trailing marks aside.
pub(super) fn is_date_word(word: &str) -> bool {
    let folded = names::fold(word.trim_end_matches(['.', ',', ':']));
    names::month(&folded).is_some() || names::is_weekday(&folded) || words::is_label(&folded)
}

/// The stamp that starts at a place, its time before or after the date, and the place after it.
fn stamp_at(tokens: &Tokens, start: usize) -> Option<(Stamp, usize)> {
    unix_at(tokens, start)
        .or_else(|| date_first(tokens, start))
        .or_else(|| time_first(tokens, start))
}

/// `Feb 18 08:20:00 IST 2022`, where the year comes last.
fn unix_at(tokens: &Tokens, start: usize) -> Option<(Stamp, usize)> {
    let (month, day, after_day) = calendar::month_and_day(tokens, start)?;
    let (clock, after_clock) = clock::clock_at(tokens, after_day)?;
    let (year, _) = tokens.number(after_clock).filter(|(_, digits)| *digits == 4)?;
    let stamp = stamp(calendar::date(year, month, day)?, clock)?;
    Some((stamp, after_clock + 1))
}

fn date_first(tokens: &Tokens, start: usize) -> Option<(Stamp, usize)> {
    let (date, after_date) = calendar::date_at(tokens, start)?;
    let timed =
        clock::clock_at(tokens, skip_gap(tokens, after_date)).and_then(|(clock, end)| Some((stamp(date, clock)?, end)));
    Some(timed.unwrap_or((Stamp::Date(date), after_date)))
}

fn time_first(tokens: &Tokens, start: usize) -> Option<(Stamp, usize)> {
    let (clock, after_clock) = clock::clock_at(tokens, start)?;
    let (date, end) = calendar::date_at(tokens, skip_gap(tokens, after_clock))?;
    Some((stamp(date, clock)?, end))
}

fn stamp(date: Date, clock: Clock) -> Option<Stamp> {
    let local = date.to_datetime(clock.time);
    match clock.zone {
        None => Some(Stamp::Local(local)),
        Some(Zone::Minutes(minutes)) => Some(Stamp::Zoned(local, clock::offset(minutes)?)),
        Some(Zone::Region(zone)) => in_zone(Stamp::Local(local), zone),
    }
}

/// Passes what may stand between a date and its time. Words that belong to the time (`下午`, `PM`) stay.
fn skip_gap(tokens: &Tokens, start: usize) -> usize {
    let stays = |at: usize| clock::clock_at(tokens, at).is_some() || !is_gap(tokens, at);
    (start..start + GAP_TOKENS_MAX)
        .find(|at| stays(*at))
        .unwrap_or(start + GAP_TOKENS_MAX)
}

fn is_gap(tokens: &Tokens, at: usize) -> bool {
    match tokens.get(at) {
        Some(Token::Mark(mark)) => FILLER_MARKS.contains(*mark),
        Some(Token::Word { folded, .. }) => words::is_connector(folded) || names::is_weekday(folded),
        _ => false,
    }
}

/// Passes everything that says nothing on a line with a date.
fn skip_fillers(tokens: &Tokens, start: usize) -> usize {
    let is_filler = |at: usize| is_gap(tokens, at) || tokens.word(at).is_some_and(words::is_label);
    let starts = |at: usize| stamp_at(tokens, at).is_some();
    (start..tokens.len())
        .find(|at| !is_filler(*at) || starts(*at))
        .unwrap_or(tokens.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        find(text).map_or_else(|| "none".to_owned(), |stamp| stamp.to_string())
    }

    fn line(text: &str) -> String {
        dateline(text).map_or_else(|| "none".to_owned(), |stamp| stamp.to_string())
    }

    #[test]
    fn seconds_of_another_age_are_no_date() {
        let shown = |seconds| with_format(seconds, "%s").map(|stamp| stamp.to_string());
        assert_eq!(shown("1709600000").as_deref(), Some("2024-03-05T00:53:20Z"));
        assert_eq!(shown("6070109000"), None);
    }

    #[test]
    fn dates_are_found_in_the_forms_that_pages_use() {
        for (text, expected) in [
            ("Updated: February 18, 2022 08:20 IST", "2022-02-18T08:20:00+05:30"),
            ("Published on 3. März 2024 um 14:05 Uhr", "2024-03-03T14:05:00"),
            ("2024-03-05", "2024-03-05"),
            ("2024-03-05T08:20:00.123Z", "2024-03-05T08:20:00Z"),
            ("2024-03-05T08:20:00+05:30", "2024-03-05T08:20:00+05:30"),
            ("2024-03-05T08:20-0500", "2024-03-05T08:20:00-05:00"),
            ("2024-03-05 08:20:00-05:00", "2024-03-05T08:20:00-05:00"),
            ("Fri, 18 Feb 2022 08:20:00 +0530", "2022-02-18T08:20:00+05:30"),
            ("Fri Feb 18 08:20:00 IST 2022", "2022-02-18T08:20:00+05:30"),
            (
                "Fri Feb 18 2022 08:20:00 GMT+0530 (India Standard Time)",
                "2022-02-18T08:20:00+05:30",
            ),
            ("2024年3月5日 14時05分", "2024-03-05T14:05:00"),
            ("公開日2024年3月5日(火)更新", "2024-03-05"),
            ("2024年3月5日 下午2:05", "2024-03-05T14:05:00"),
            ("2024년 3월 5일 오후 2시 5분", "2024-03-05T14:05:00"),
            ("20 February 2022 - 08:20", "2022-02-20T08:20:00"),
            ("am 05.03.2024, 14.05 Uhr", "2024-03-05T14:05:00"),
            ("2024/03/05", "2024-03-05"),
            ("2024. 03. 05. 14:05", "2024-03-05T14:05:00"),
            ("Mar 5, 2024, 2:05 pm EST", "2024-03-05T14:05:00-05:00"),
            ("Mar 5, 2024 2:05 p.m. ET", "2024-03-05T14:05:00-05:00"),
            ("Jul 5, 2024 2 PM ET", "2024-07-05T14:00:00-04:00"),
            ("8:20 a.m., 5 March 2024", "2024-03-05T08:20:00"),
            ("5 de marzo de 2024", "2024-03-05"),
            ("21 ene 2022 12:55 GMT", "2022-01-21T12:55:00Z"),
            ("le 5 févr. 2024 à 14h05", "2024-02-05T14:05:00"),
            ("1er août 2023", "2023-08-01"),
            ("5 sept 2021", "2021-09-05"),
            ("5 мая 2024 г., 14:05", "2024-05-05T14:05:00"),
            ("2024. március 5., kedd 14:05", "2024-03-05T14:05:00"),
            ("ngày 5 tháng 3 năm 2024", "2024-03-05"),
            ("5 كانون الثاني 2024", "2024-01-05"),
            ("٥ مارس ٢٠٢٤", "2024-03-05"),
            ("५ मार्च २०२४", "2024-03-05"),
            ("5 Μαρτίου 2024", "2024-03-05"),
            ("tiistai 5.3.2024 klo 14.05", "2024-03-05T14:05:00"),
            ("the 5th of March, 2024", "2024-03-05"),
            ("18-Feb-2022", "2022-02-18"),
            ("18/02/2022", "2022-02-18"),
            ("02/18/2022", "2022-02-18"),
            ("05/05/2022", "2022-05-05"),
            ("Published5 March 2024", "2024-03-05"),
            ("from https://example.org/2024/03/05/story", "2024-03-05"),
            ("5 March 2024 08:20 - 10:30", "2024-03-05T08:20:00"),
            ("5 March 2024 08:20-10:30", "2024-03-05T08:20:00"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_found() {
        for text in [
            "May 2022 was a good month",
            "05/03/2024",
            "20220121",
            "10 12 2022",
            "31 February 2022",
            "5 March 1899",
            "5 March 2101",
            "version 2024.3.1",
            "v5.3.2024",
            "192.168.10.2024",
            "Issue 5, May 2024",
            "5.3.2024.17",
            "",
        ] {
            assert_eq!(found(text), "none", "{text}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_text_is_looked_at() {
        assert_eq!(found(&format!("{} 5 March 2024", "x".repeat(250))), "2024-03-05");
        assert_eq!(found(&format!("{} 5 March 2024", "x".repeat(300))), "none");
    }

    #[test]
    fn a_line_of_nothing_but_a_date_is_a_dateline() {
        for (text, expected) in [
            (
                "Last updated: Tuesday, March 5th, 2024 at 2:05 PM (EST)",
                "2024-03-05T14:05:00-05:00",
            ),
            ("Veröffentlicht am 3. März 2024 um 14:05 Uhr", "2024-03-03T14:05:00"),
            ("Publié le mardi 5 mars 2024 à 14h05", "2024-03-05T14:05:00"),
            ("Publicado el 5 de marzo de 2024 a las 14:05", "2024-03-05T14:05:00"),
            ("Опубликовано: 5 марта 2024 года в 14:05", "2024-03-05T14:05:00"),
            ("更新日期：2024年3月5日 14:05", "2024-03-05T14:05:00"),
            ("5 March 2024 | 08:20 IST", "2024-03-05T08:20:00+05:30"),
            ("Published 4 March 2024, updated 5 March 2024", "2024-03-04"),
            ("18.02.2022", "2022-02-18"),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }

    #[test]
    fn a_line_that_says_more_is_no_dateline() {
        for text in [
            "May 2022 was a good month",
            "10 12 2022 1999",
            "5 March 2024 1999",
            "On 5 March 2024 we met",
            "By Jane Doe, 5 March 2024",
            "5 March 2024 - 7 March 2024",
            "20220121",
            "March 2024",
            "",
        ] {
            assert_eq!(line(text), "none", "{text}");
        }
    }

    #[test]
    fn a_format_decides_what_comes_back() {
        let show = |text, format| with_format(text, format).map(|stamp| stamp.to_string());
        assert_eq!(show(" 20220121 ", "%Y%m%d").as_deref(), Some("2022-01-21"));
        assert_eq!(
            show("05/03/2024 08:20", "%d/%m/%Y %H:%M").as_deref(),
            Some("2024-03-05T08:20:00")
        );
        assert_eq!(
            show("05/03/2024 08:20 -0500", "%d/%m/%Y %H:%M %z").as_deref(),
            Some("2024-03-05T08:20:00-05:00")
        );
        assert_eq!(
            show("05/03/2024 2:05 pm", "%m/%d/%Y %I:%M %p").as_deref(),
            Some("2024-05-03T14:05:00")
        );
        assert_eq!(show("1709626800", "%s").as_deref(), Some("2024-03-05T08:20:00Z"));
        assert_eq!(show("5 March", "%d %B"), None);
        assert_eq!(show("0099-01-01", "%Y-%m-%d"), None);
        assert_eq!(show("x", "%Q %"), None);
    }

    #[test]
    fn a_zone_gives_the_offset_of_the_season() {
        let summer = find("5 July 2024 08:20").unwrap();
        let winter = find("5 January 2024 08:20").unwrap();
        assert_eq!(
            in_zone(summer, "Europe/Berlin").unwrap().to_string(),
            "2024-07-05T08:20:00+02:00"
        );
        assert_eq!(
            in_zone(winter, "Europe/Berlin").unwrap().to_string(),
            "2024-01-05T08:20:00+01:00"
        );
        assert_eq!(
            in_zone(winter, "Asia/Kolkata").unwrap().to_string(),
            "2024-01-05T08:20:00+05:30"
        );
        assert_eq!(in_zone(winter, "Nowhere/Atlantis"), None);
        let day = find("5 July 2024").unwrap();
        assert_eq!(in_zone(day, "Asia/Kolkata"), Some(day));
    }
}
