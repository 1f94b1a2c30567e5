//! Metadata that some pages of a site state and others only show.

use std::fs;

use super::{OUT, dehusk, paragraphs, printed};

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
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("rules/sites/pages")).unwrap();
    fs::write(folder.path().join("dehusk.toml"), "").unwrap();
    for at in 0..3 {
        fs::write(folder.path().join(format!("rules/sites/pages/{at}.html")), page(at)).unwrap();
    }
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
    let output = dehusk(folder.path(), &["learn", "rules/sites/pages", "--out", OUT]);
    assert!(output.status.success(), "{}", printed(&output));
    let rules = fs::read_to_string(folder.path().join(OUT)).unwrap();
    assert_eq!(read(), (["Mia Sand".into(), "2024-07-01".into()], text), "{rules}");
    for command in [&["check"][..], &["test", "gazette.example"][..]] {
        let output = dehusk(folder.path(), command);
        assert!(output.status.success(), "{}\n{rules}", printed(&output));
    }
}

#[test]
fn an_element_that_says_otherwise_than_a_page_states_is_no_source() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("pages")).unwrap();
    fs::write(folder.path().join("dehusk.toml"), "").unwrap();
    for at in 0..3 {
        let written = page(at)
            .replace("Words: Ida Lund", "Words: the desk")
            .replace("3 June", "4 June");
        fs::write(folder.path().join(format!("pages/{at}.html")), written).unwrap();
    }
    let output = dehusk(folder.path(), &["learn", "pages", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = found["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["key"].as_str().unwrap());
    assert_eq!(keys.filter(|key| key.starts_with("meta.")).count(), 0, "{found:#}");
}
