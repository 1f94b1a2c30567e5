//! Metadata that some pages of a site state and others only show.

use std::fs;

use super::{OUT, SAMPLES, assert_sound, dehusk, folder_of, learned, paragraphs, printed};

/// Subject, author and day, and whether the page states the two in JSON-LD.
const PAGES: &[(&str, &str, &str, &str, bool)] = &[
    ("harbour", "Ann Berg", "2024-05-12", "12 May 2024", true),
    ("ferry", "Ida Lund", "2024-06-03", "3 June 2024", true),
    ("library", "Otto Brandt", "2024-06-20", "20 June 2024", false),
    ("orchard", "Mia Sand", "2024-07-01", "1 July 2024", false),
];

fn page(at: usize) -> String {
    let (subject, author, day, shown, states) = PAGES[at];
    let stated = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"author\":{{\"name\":\"{author}\"}},\"datePublished\":\"{day}\"}}</script>"
    );
    let body: String = paragraphs(subject)
        .iter()
        .map(|text| format!("<p>{text}</p>"))
        .collect();
    format!(
        "<html><head><title>The {subject}</title><link rel=canonical href='https://gazette.example/{subject}'>{}</head><body>\
         <main><h1>The {subject}</h1><div class='story-data'><span class='who-wrote'>Words: {author}</span></div>{body}\
         <p class='when-printed'>Printed in the issue of {shown}</p></main></body></html>",
        if states { stated.as_str() } else { "" },
    )
}

#[test]
fn an_author_and_a_day_that_only_some_pages_state_are_read_where_the_others_show_them() {
    let folder = folder_of((0..3).map(|at| (format!("{at}.html"), page(at))));
    fs::write(folder.path().join("new.html"), page(3)).unwrap();
    let read = || {
        let output = dehusk(folder.path(), &["clean", "new.html", "--format", "json"]);
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        ([found["author"].clone(), found["date"].clone()], found["text"].clone())
    };
    let (nothing, text) = read();
    assert_eq!(
        nothing,
        [serde_json::Value::Null, serde_json::Value::Null],
        "without rules"
    );
    let output = dehusk(folder.path(), &["learn", SAMPLES, "--out", OUT]);
    assert!(output.status.success(), "{}", printed(&output));
    let rules = fs::read_to_string(folder.path().join(OUT)).unwrap();
    assert_eq!(read(), (["Mia Sand".into(), "2024-07-01".into()], text), "{rules}");
    assert_sound(&folder, &rules);
}

#[test]
fn an_element_that_says_otherwise_than_a_page_states_is_no_source() {
    let otherwise = |at| {
        let shown = page(at).replace("Words: Ida Lund", "Words: the desk");
        (format!("{at}.html"), shown.replace("3 June", "4 June"))
    };
    let found = learned(&folder_of((0..3).map(otherwise)));
    let keys = found["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["key"].as_str().unwrap());
    assert_eq!(keys.filter(|key| key.starts_with("meta.")).count(), 0, "{found:#}");
}
