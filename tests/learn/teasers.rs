//! Lists of related stories between the paragraphs of an article: whole sentences, other ones on every page.

use super::{OUT, SAMPLES, dehusk, folder_of, printed};
use std::fs;

/// The lede of each story; the rest of it is told about its places and people.
const STORIES: &[(&str, &str, &str)] = &[
    (
        "Ferry returns to the northern islands",
        "Captain Ilse Marrow",
        "the Tolland ferry",
    ),
    (
        "School kitchen wins a prize for its soup",
        "cook Benno Achter",
        "the kitchen at Fennel Lane",
    ),
    (
        "Bridge over the Wend closes for a year",
        "engineer Rosa Quill",
        "the iron bridge",
    ),
    (
        "Choir finds a lost hymn in a cupboard",
        "choirmaster Otis Verne",
        "the choir of Saint Aldric",
    ),
];

/// Other stories: headline and first sentences.
const TEASERS: &[(&str, &str)] = &[
    (
        "Bakers' strike enters its second week",
        "Loaves are scarce in the old town, and the guild says that no talks are planned before the weekend. People queue at the two shops that still bake, and the mayor has offered the town hall as a place to meet.",
    ),
    (
        "A lighthouse is sold for the price of a car",
        "The buyer, a retired teacher from the coast, wants to grow tomatoes in the lamp room. She told our reporter that she had dreamed of such a place since she was a girl, and that the stairs do not frighten her.",
    ),
    (
        "Council votes on the tram after nine hours",
        "Members went home at three in the morning; the line to the hospital will be built after all. Two of them changed their minds in the course of the night, and the opposition speaks of pressure.",
    ),
    (
        "Wolves seen near the reservoir again",
        "Shepherds ask for fences, while the forestry office counts at least five animals in the valley. A meeting is planned for next month, at which the district wants to explain what it will pay for.",
    ),
    (
        "Old cinema reopens with silent films",
        "An organist plays to every show, and the seats were bought from a theatre that was pulled down. The first week was sold out within an hour, said the owner, who has not slept much since.",
    ),
    (
        "Snow in May surprises the orchard country",
        "Growers lit fires between the rows, but half of the cherries may be lost for this year. Insurance does not pay for late frost, and so the growers' union asks the ministry for help.",
    ),
    (
        "Post office to close on Wednesdays",
        "The company speaks of fewer letters, the village of one more door that is shut to older people. More than four hundred have signed a letter to the minister, written by hand and sent by post.",
    ),
    (
        "Chess club sends its youngest to the finals",
        "Mila Torv is eight years old, and says that she learned the game from her grandmother's neighbour. On Saturday she meets a master who has played for longer than she has been able to walk.",
    ),
];

fn paragraphs(story: usize) -> Vec<String> {
    let (_, person, place) = STORIES[story];
    let street = ["Gale Street", "Mill Row", "Harbour Steps", "Canon Yard"][story];
    vec![
        format!(
            "Nobody had expected that {place} would be talked about so much this spring, least of all {person}, who has worked there for years."
        ),
        format!(
            "On Monday morning people stood in line along {street}. The day was windy, and the flags stood out straight from their poles, so that from the square one could read the name of {place} on every one of them."
        ),
        format!(
            "\"We had given up hope,\" said {person}. \"Then a letter came, and within a week everything that we knew about {place} was out of date.\""
        ),
        format!(
            "For as long as most can remember there has been talk of {place}, and for as long as that somebody has said that nothing would come of it; {person} kept the cuttings in a box. Money was found in three places: the district, a foundation, and those who live around {street}."
        ),
        format!(
            "At the counter in {street} the telephone rang all morning. Those who called wanted to know whether it was true, and {person} told each of them the same three sentences."
        ),
        format!(
            "Not all are content. A group of neighbours fears noise and traffic, and has asked the district to count the cars before {place} is opened. What is still missing is a roof for those who wait, and {person} has asked for it four times."
        ),
        format!(
            "In autumn it will be seen whether the plan holds. Until then {person} keeps a notebook with every promise that was made, and who made it."
        ),
    ]
}

/// Two other stories for a page, never the same for two pages.
fn teasers(page: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
    TEASERS.iter().skip(page * 2).take(2).copied()
}

/// How a site shows its list of other stories: what stands before, each entry, in which `{a}` stands for the address, `{h}`
/// for the headline and `{s}` for the sentences, and what stands behind. Some show it twice, a story in each.
struct Shape {
    what: &'static str,
    before: &'static str,
    entry: &'static str,
    after: &'static str,
    split: bool,
}

impl Shape {
    fn list(&self, stories: &[(&str, &str)]) -> String {
        let written = |(headline, sentences): &(&str, &str)| {
            let address = format!("/news/{}", headline.to_lowercase().replace([' ', '\''], "-"));
            let entry = self.entry.replace("{a}", &address).replace("{h}", headline);
            entry.replace("{s}", sentences)
        };
        let entries: String = stories.iter().map(written).collect();
        format!("{}{entries}{}", self.before, self.after)
    }
}

const SHAPES: &[Shape] = &[
    Shape {
        what: "a section of headlines with their first sentences",
        before: "<section class='read-also'><h3>Read also</h3>",
        entry: "<article><h4><a href='{a}'>{h}</a></h4><p>{s}</p></article>",
        after: "</section>",
        split: false,
    },
    Shape {
        what: "bullets that begin with a link",
        before: "<div class='more-on-this'><p><strong>More on this</strong></p><ul>",
        entry: "<li><a href='{a}'>{h}</a> {s}</li>",
        after: "</ul></div>",
        split: false,
    },
    Shape {
        what: "paragraphs that begin with a link and a full stop",
        before: "<div class='more-stories'><h3>More stories</h3>",
        entry: "<p><a href='{a}'>{h}</a>. {s}</p>",
        after: "</div>",
        split: false,
    },
    Shape {
        what: "entries that are links as a whole",
        before: "<div id='also-in-the-gazette'><h3>Also in the Gazette</h3>",
        entry: "<a href='{a}'><h4>{h}</h4><p>{s}</p></a>",
        after: "</div>",
        split: false,
    },
    Shape {
        what: "a box for each story, with a label before its headline",
        before: "",
        entry: "<div class='see-also'><span>See also</span> <a href='{a}'>{h}</a><p>{s}</p></div>",
        after: "",
        split: true,
    },
    Shape {
        what: "headlines without a link, and the same link below each entry",
        before: "<section class='read-on'><h3>Read on</h3>",
        entry: "<div class='teaser'><h4>{h}</h4><p>{s}</p><p><a href='{a}'>Read the story</a></p></div>",
        after: "</section>",
        split: false,
    },
    Shape {
        what: "no heading",
        before: "<div class='related-articles'>",
        entry: "<div class='teaser'><a href='{a}'>{h}</a><p>{s}</p></div>",
        after: "</div>",
        split: false,
    },
    Shape {
        what: "a heading before the list",
        before: "<h3>Related stories</h3><div class='teaser-list'>",
        entry: "<p><a href='{a}'>{h}</a></p><p>{s}</p>",
        after: "</div>",
        split: false,
    },
];

/// A page with parts of its own after the second, and the fourth or the last paragraph.
fn page(story: usize, parts: [&str; 2], last: bool) -> String {
    let (title, ..) = STORIES[story];
    let mut body: Vec<String> = paragraphs(story).iter().map(|text| format!("<p>{text}</p>")).collect();
    body.insert(if last { body.len() } else { 4 }, parts[1].to_owned());
    body.insert(2, parts[0].to_owned());
    format!(
        "<html><head><title>{title} - Gazette</title><link rel=canonical href='https://gazette.example/news/{story}'></head><body>\
         <header class='masthead'><a href=/>Gazette</a> <a href=/news>News</a> <a href=/sport>Sport</a></header>\
         <div class='story-body'><h1>{title}</h1>{}</div>\
         <footer class='site-footer'><p>The Gazette is printed on paper and read by people all over the region.</p></footer></body></html>",
        body.concat(),
    )
}

/// What is left of a fourth page after learning from three, and the rules.
fn cleaned(page: &dyn Fn(usize) -> String) -> (String, String) {
    let folder = folder_of((0..3).map(|story| (format!("{story}.html"), page(story))));
    let output = dehusk(folder.path(), &["learn", SAMPLES, "--out", OUT]);
    let rules = fs::read_to_string(folder.path().join(OUT)).unwrap_or_else(|_| printed(&output));
    fs::write(folder.path().join("new.html"), page(3)).unwrap();
    (printed(&dehusk(folder.path(), &["clean", "new.html"])), rules)
}

fn page_of(shape: &Shape, last: bool, story: usize) -> String {
    let teasers: Vec<(&str, &str)> = teasers(story).collect();
    let (one, other) = teasers.split_at(usize::from(shape.split));
    let lists = [shape.list(one), shape.list(other)];
    let first = if shape.split { lists[0].as_str() } else { "" };
    page(story, [first, &lists[1]], last)
}

#[test]
fn lists_of_other_stories_are_learned_although_they_differ_on_every_page() {
    for (shape, last) in SHAPES.iter().flat_map(|shape| [(shape, false), (shape, true)]) {
        let (text, rules) = cleaned(&|story| page_of(shape, last, story));
        let told = format!("{} (last: {last})\n{text}\n{rules}", shape.what);
        for (headline, sentences) in teasers(3) {
            assert!(!text.contains(headline) && !text.contains(sentences), "{told}");
        }
        for label in [
            "Read also",
            "More on",
            "More stories",
            "See also",
            "Related stories",
            "Read on",
            "Read the story",
        ] {
            assert!(!text.contains(label), "{label}: {told}");
        }
        for stays in paragraphs(3) {
            assert!(text.contains(&stays), "{stays}: {told}");
        }
    }
}

/// A part of the story itself below the same heading on every page, with links in the midst of its sentences.
fn part_of_the_story(story: usize) -> String {
    let (_, person, place) = STORIES[story];
    format!(
        "<section class='in-short'><h3>In short</h3><p>Much is new about <a href='/topics/{story}'>{place}</a> this spring, and a \
         letter was what began it, as those around it tell.</p><p>It was {person} who, in the end, with \
         <a href='/topics/money-{story}'>money from three sides</a>, saw to it that the work could begin.</p></section>"
    )
}

#[test]
fn a_part_of_the_story_below_a_constant_heading_stays() {
    let (text, rules) = cleaned(&|story| page(story, [&part_of_the_story(story), ""], true));
    assert!(text.contains("letter was what began it"), "{text}\n{rules}");
    assert!(text.contains("saw to it that the work could begin"), "{text}\n{rules}");
}
