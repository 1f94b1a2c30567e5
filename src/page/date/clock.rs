//! The forms that a time of day stands in, with its zone.

use jiff::civil::Time;
use jiff::tz::Offset;

use super::tokens::Tokens;
use super::words::{self, Zone};

/// A time and, where one is written, the zone it counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The time of day, without fractions.
    pub(super) time: Time,
    /// The zone written after it.
    pub(super) zone: Option<Zone>,
}

/// The time that starts at a place, and the place after it.
pub(super) fn clock_at(tokens: &Tokens, start: usize) -> Option<(Clock, usize)> {
    let prefix = meridiem_at(tokens, start).filter(|(_, at)| tokens.number(*at).is_some());
    let at_hour = prefix.map_or(start, |(_, at)| at);
    let hour = tokens.short_number(at_hour)?;
    let minutes = minutes_at(tokens, at_hour);
    let after_minutes = minutes.map_or(at_hour + 1, |minutes| minutes.end);
    let suffix = meridiem_at(tokens, after_minutes).filter(|_| prefix.is_none());
    let minutes = minutes.or_else(|| prefix.or(suffix).map(|_| Minutes::none(after_minutes)))?;
    let after_suffix = suffix.map_or(after_minutes, |(_, at)| at);
    let hour = on_24_hours(hour, prefix.or(suffix).map(|(afternoon, _)| afternoon));
    let time = Time::new(i8::try_from(hour).ok()?, minutes.minute, minutes.second, 0).ok()?;
    let after_unit = after_suffix + usize::from(tokens.word(after_suffix).is_some_and(words::is_hour_word));
    let from_iso = is_iso(tokens, at_hour) || minutes.has_seconds;
    let zone = zone_at(tokens, after_unit, from_iso);
    Some((
        Clock {
            time,
            zone: zone.map(|(zone, _)| zone),
        },
        zone.map_or(after_unit, |(_, end)| end),
    ))
}

/// What stands after the hour.
#[derive(Debug, Clone, Copy)]
struct Minutes {
    minute: i8,
    second: i8,
    has_seconds: bool,
    end: usize,
}

impl Minutes {
    fn none(end: usize) -> Self {
        Self {
            minute: 0,
            second: 0,
            has_seconds: false,
            end,
        }
    }

    fn new(minute: u32, end: usize) -> Option<Self> {
        Some(Self {
            minute: i8::try_from(minute).ok()?,
            ..Self::none(end)
        })
    }
}

fn minutes_at(tokens: &Tokens, at_hour: usize) -> Option<Minutes> {
    let next = at_hour + 1;
    if tokens.has_mark(next, ':') && tokens.is_glued(next) {
        return after_colon(tokens, next + 1);
    }
    if tokens.has_mark(next, '.') && tokens.is_glued(next) {
        return after_dot(tokens, at_hour);
    }
    after_unit(tokens, next)
}

/// `:05`, `:05:30`, `:05:30.123`.
fn after_colon(tokens: &Tokens, at: usize) -> Option<Minutes> {
    let minute = two_digits(tokens, at)?;
    let seconds = tokens
        .has_mark(at + 1, ':')
        .then(|| two_digits(tokens, at + 2))
        .flatten();
    let Some(second) = seconds else {
        return Minutes::new(minute, at + 1);
    };
    let fraction = tokens.mark(at + 3).is_some_and(|mark| mark == '.' || mark == ',')
        && tokens.glued_number(at + 4).is_some_and(|(_, digits)| digits >= 3);
    let end = if fraction { at + 5 } else { at + 3 };
    let leap = second.min(59);
    Some(Minutes {
        second: i8::try_from(leap).ok()?,
        has_seconds: true,
        ..Minutes::new(minute, end)?
    })
}

/// `.05`, which is a time only next to a word that says so: it could as well be a price.
fn after_dot(tokens: &Tokens, at_hour: usize) -> Option<Minutes> {
    let minute = two_digits(tokens, at_hour + 2)?;
    let end = at_hour + 3;
    let announced = at_hour.checked_sub(1).and_then(|before| {
        let dot = usize::from(tokens.has_mark(before, '.'));
        tokens.word(before.checked_sub(dot)?)
    });
    let said = announced.is_some_and(words::is_clock_word)
        || tokens.word(end).is_some_and(words::is_hour_word)
        || meridiem_at(tokens, end).is_some()
        || tokens.written(end).is_some_and(|word| words::zone(word).is_some());
    Minutes::new(minute, end).filter(|_| said)
}

/// `h05`, `h`, `Uhr`, `時05分`, `時05分30秒`.
fn after_unit(tokens: &Tokens, at: usize) -> Option<Minutes> {
    tokens.word(at).filter(|word| words::is_hour_word(word))?;
    let has_minute = tokens.number(at + 1).is_some_and(|(_, digits)| digits == 2);
    let Some(minute) = tokens
        .short_number(at + 1)
        .filter(|_| has_minute || is_word(tokens, at + 2, &["分", "분"]))
    else {
        return Some(Minutes::none(at + 1));
    };
    if !is_word(tokens, at + 2, &["分", "분", "min", "m"]) {
        return Minutes::new(minute, at + 2);
    }
    let second = tokens
        .short_number(at + 3)
        .filter(|_| is_word(tokens, at + 4, &["秒", "초"]));
    let Some(second) = second else {
        return Minutes::new(minute, at + 3);
    };
    Some(Minutes {
        second: i8::try_from(second).ok()?,
        has_seconds: true,
        ..Minutes::new(minute, at + 5)?
    })
}

fn is_word(tokens: &Tokens, at: usize, words: &[&str]) -> bool {
    tokens.word(at).is_some_and(|word| words.contains(&word))
}

fn two_digits(tokens: &Tokens, at: usize) -> Option<u32> {
    tokens
        .glued_number(at)
        .filter(|(_, digits)| *digits == 2)
        .map(|(value, _)| value)
}

/// The half of the day marked at a place (true: afternoon), and the place after it: `pm`, `p.m.`, `下午`.
fn meridiem_at(tokens: &Tokens, at: usize) -> Option<(bool, usize)> {
    let first = tokens.word(at)?;
    if let Some(afternoon) = words::meridiem(first) {
        return Some((afternoon, at + 1));
    }
    if first.chars().count() != 1 {
        return None;
    }
    let dot = usize::from(tokens.has_mark(at + 1, '.'));
    let second = tokens.word(at + 1 + dot)?;
    let afternoon = words::meridiem(&format!("{first}{second}"))?;
    let end = at + 2 + dot;
    Some((afternoon, end + usize::from(dot == 1 && tokens.has_mark(end, '.'))))
}

/// The hour from 0. A mark on an hour that has none (`14:05 am`) is a connector, or noise.
fn on_24_hours(hour: u32, afternoon: Option<bool>) -> u32 {
    match afternoon {
        Some(false) if hour == 12 => 0,
        Some(true) if hour < 12 => hour + 12,
        _ => hour,
    }
}

/// Whether the hour stands after the `T` of the ISO form.
fn is_iso(tokens: &Tokens, at_hour: usize) -> bool {
    tokens.is_glued(at_hour)
        && at_hour
            .checked_sub(1)
            .is_some_and(|before| tokens.word(before) == Some("t"))
}

/// The zone written at a place, in brackets or not, and the place after it.
fn zone_at(tokens: &Tokens, start: usize, from_iso: bool) -> Option<(Zone, usize)> {
    let at = start + usize::from(tokens.has_mark(start, '('));
    let iso_z = from_iso && tokens.is_glued(at) && tokens.word(at) == Some("z");
    if iso_z {
        return Some((Zone::Minutes(0), at + 1));
    }
    let Some(zone) = tokens.written(at).and_then(words::zone) else {
        return offset_at(tokens, at, from_iso).map(|(minutes, end)| (Zone::Minutes(minutes), end));
    };
    match hours_after_name(tokens, at + 1).filter(|_| zone == Zone::Minutes(0)) {
        Some((minutes, end)) => Some((Zone::Minutes(minutes), end)),
        None => Some((zone, at + 1)),
    }
}

/// `+2`, `-0500`, `+05:30` after `GMT`.
fn hours_after_name(tokens: &Tokens, at: usize) -> Option<(i32, usize)> {
    let sign = sign_at(tokens, at)?;
    let (hours, digits) = tokens.glued_number(at + 1)?;
    if digits <= 2 && !tokens.has_mark(at + 2, ':') {
        return Some((sign * minutes_east(hours, 0)?, at + 2));
    }
    offset_at(tokens, at, true)
}

/// `+0530`, `+05:30`, `-05`. After a minute, `-10:30` is the end of a span of time rather than an offset.
fn offset_at(tokens: &Tokens, at: usize, from_iso: bool) -> Option<(i32, usize)> {
    let sign = sign_at(tokens, at)?;
    let (value, digits) = tokens.glued_number(at + 1)?;
    if digits == 4 {
        return Some((sign * minutes_east(value / 100, value % 100)?, at + 2));
    }
    if digits != 2 || !(from_iso || sign > 0) {
        return None;
    }
    match tokens
        .has_mark(at + 2, ':')
        .then(|| two_digits(tokens, at + 3))
        .flatten()
    {
        Some(minutes) => Some((sign * minutes_east(value, minutes)?, at + 4)),
        None => Some((sign * minutes_east(value, 0)?, at + 2)),
    }
}

fn sign_at(tokens: &Tokens, at: usize) -> Option<i32> {
    match tokens.mark(at)? {
        '+' => Some(1),
        '-' => Some(-1),
        _ => None,
    }
}

/// Minutes of an offset; clocks are at most fourteen hours from Greenwich.
fn minutes_east(hours: u32, minutes: u32) -> Option<i32> {
    if hours > 14 || minutes > 59 {
        return None;
    }
    i32::try_from(hours * 60 + minutes).ok()
}

/// An offset of minutes east of Greenwich.
pub(super) fn offset(minutes: i32) -> Option<Offset> {
    Offset::from_seconds(minutes.checked_mul(60)?).ok()
}
