//! dehusk(1), and a page for each command, from the definitions that the program parses its arguments by.

use std::io;

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, roman};

use crate::page::{MANUAL, SOURCE, inlines, see_also};

/// The page of the program and those of its commands, each with the name of its file.
pub(crate) fn pages(program: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    // `help` needs no page of its own.
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let closing = closing(&program);
    let mut pages = Vec::new();
    collect(&program, &closing, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, closing: &[Section], pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone()).source(SOURCE).manual(MANUAL);
    pages.push((man.get_filename(), page(command, &man, closing)?));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, closing, pages)?;
    }
    Ok(())
}

fn page(command: &Command, man: &Man, closing: &[Section]) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    name_section(command).to_writer(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let own = sections_of(command);
    let mut end = Roff::new();
    // What a command says of its own takes the place of what the program says for all.
    let inherited = closing
        .iter()
        .filter(|section| section.holds_for_all() && own.iter().all(|other| other.heading != section.heading));
    for section in own.iter().chain(inherited) {
        section.write(&mut end);
    }
    see_also(
        &mut end,
        command.get_display_name().unwrap_or_else(|| command.get_name()),
    );
    end.to_writer(&mut page)?;
    Ok(page)
}

/// The first sentence names a page in lists such as that of apropos(1), where nothing longer has room.
fn name_section(command: &Command) -> Roff {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let first = about.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut roff = Roff::new();
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {first}"))]);
    roff
}

/// A part of what stands behind a command's options in its help: a heading and lines that are not to be filled.
struct Section {
    heading: String,
    lines: Vec<String>,
}

impl Section {
    /// Whether it counts for the commands below as well; examples are of one command.
    fn holds_for_all(&self) -> bool {
        self.heading == "Exit codes"
    }

    fn write(&self, roff: &mut Roff) {
        roff.control("SH", [self.heading.to_uppercase().as_str()]);
        roff.control("nf", []);
        for line in &self.lines {
            roff.text(inlines(line));
        }
        roff.control("fi", []);
    }
}

/// What the program itself says at the end of its help.
fn closing(program: &Command) -> Vec<Section> {
    sections_of(program)
}

fn sections_of(command: &Command) -> Vec<Section> {
    let text = command
        .get_after_long_help()
        .or_else(|| command.get_after_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    text.split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(section)
        .collect()
}

/// `Heading:` and what is below it; a part without such a line becomes notes.
fn section(part: &str) -> Section {
    let (first, below) = part.split_once('\n').unwrap_or((part, ""));
    let (heading, body) = match first.strip_suffix(':') {
        Some(heading) => (heading, below),
        None => ("Notes", part),
    };
    Section {
        heading: heading.to_owned(),
        lines: body.lines().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages_here() -> Vec<(String, String)> {
        let pages = pages(dehusk::cli::command()).unwrap();
        pages
            .into_iter()
            .map(|(name, page)| (name, String::from_utf8(page).unwrap()))
            .collect()
    }

    #[test]
    fn every_command_that_the_help_shows_has_a_page() {
        let names: Vec<String> = pages_here().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"dehusk.1".to_owned()), "{names:?}");
        for command in dehusk::cli::command()
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            let name = format!("dehusk-{}.1", command.get_name());
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
    }

    #[test]
    fn every_page_tells_the_exit_codes_and_only_the_program_gives_its_examples() {
        for (name, page) in pages_here() {
            assert!(page.contains(".SH \"EXIT CODES\""), "{name}: {page}");
        }
        let with_examples = |name: &str| {
            let pages = pages_here();
            let (_, page) = pages.into_iter().find(|(other, _)| other == name).unwrap();
            page.contains("dehusk run \\-\\-once")
        };
        assert!(with_examples("dehusk.1"));
        assert!(!with_examples("dehusk-run.1"));
    }

    #[test]
    fn the_line_of_names_has_one_sentence() {
        let command = Command::new("x").about("First. Second.");
        assert!(name_section(&command).render().contains("x \\- First\n"));
    }
}
