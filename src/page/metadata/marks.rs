//! Parts of a class or id that mark an element as the author's or the date's.

/// How many bytes of a mark are compared at once.
const BEGINNING: usize = 4;

/// What an element is marked as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marked {
    /// The author's.
    pub(super) author: bool,
    /// The date's.
    pub(super) date: bool,
}

const AUTHOR: Marked = Marked {
    author: true,
    date: false,
};
const DATE: Marked = Marked {
    author: false,
    date: true,
};

/// Marks, cut after [`BEGINNING`] bytes. `updated` holds `date`.
const MARKS: &[([u8; BEGINNING], &str, Marked)] = &[
    (*b"auth", "or", AUTHOR),
    (*b"byli", "ne", AUTHOR),
    (*b"writ", "er", AUTHOR),
    (*b"cont", "ributor", AUTHOR),
    (*b"user", "name", AUTHOR),
    (*b"user", "-name", AUTHOR),
    (*b"date", "", DATE),
    (*b"time", "", DATE),
    (*b"publ", "ish", DATE),
    (*b"post", "ed", DATE),
];

/// A bit for the place of every beginning: most windows have a place where none is, and are done with.
const BEGINNINGS: u64 = {
    let mut all = 0;
    let mut rest = MARKS;
    while let Some(((beginning, _, _), others)) = rest.split_first() {
        all |= 1 << place(u32::from_be_bytes(*beginning));
        rest = others;
    }
    all
};

/// One of 64 places for four bytes, as good as by chance.
const fn place(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1) >> 26
}

/// What is marked by a class or id, letter case aside. Every element of the page is asked, so the text is read once,
/// four bytes at a time.
pub(super) fn marked(text: &str) -> Marked {
    let mut found = Marked::default();
    let mut window = 0_u32;
    for (at, byte) in text.bytes().enumerate() {
        // Sets letters in lower case, and leaves hyphens and digits alone.
        window = window << 8 | u32::from(byte | 0x20);
        if BEGINNINGS >> place(window) & 1 == 0 {
            continue;
        }
        for (beginning, rest, mark) in MARKS {
            if u32::from_be_bytes(*beginning) == window && follows(text, at + 1, rest) {
                found.author |= mark.author;
                found.date |= mark.date;
            }
        }
    }
    found
}

fn follows(text: &str, at: usize, rest: &str) -> bool {
    let found = text.as_bytes().get(at..at + rest.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(rest.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_anywhere_in_either_case() {
        for text in [
            "Author",
            "post__byline-x",
            "c-WRITER",
            "user-name",
            "username",
            "contributors",
        ] {
            assert_eq!(marked(text), AUTHOR, "{text}");
        }
        for text in ["entry-DATE", "timestamp", "is-updated", "published", "posted-on"] {
            assert_eq!(marked(text), DATE, "{text}");
        }
        assert!(marked("author-date").author && marked("author-date").date);
    }

    #[test]
    fn beginnings_of_marks_are_none() {
        for text in ["auth", "content", "post", "user", "public", "ime", "éé", ""] {
            assert_eq!(marked(text), Marked::default(), "{text}");
        }
    }
}
