//! What can be typed after `dehusk`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::bundle::BundleCommand;
use super::check::CheckCommand;
use super::clean::CleanCommand;
use super::diff::DiffCommand;
use super::doctor::DoctorCommand;
use super::drift::DriftCommand;
use super::explain::ExplainCommand;
use super::import_ftr::ImportFtrCommand;
use super::learn::LearnCommand;
use super::new::NewCommand;
use super::pipe::PipeCommand;
use super::quarantine_arguments::QuarantineCommand;
use super::rerun::RerunCommand;
use super::run::RunOptions;
use super::status::StatusCommand;
use super::suggest::SuggestCommand;
use super::test::TestCommand;
use super::warc::WarcCommand;
use crate::clean::render::Format;

/// The end of every help text: what scripts need to know.
const EXIT_CODES: &str = "Exit codes:
  0  everything went well
  1  at least one page could not be cleaned, or the check found a fault
  2  the command could not work at all: wrong arguments, unreadable configuration, output that can't be written";

const STATUS_CODES: &str = "Exit codes:
  0  a daemon runs
  1  a daemon runs, but its work is paused, or it holds the folders and does not tell its status
  2  the daemon can't be asked: no permission, wrong arguments, unreadable configuration
  3  no daemon runs";

const PIPE_CODES: &str = "Exit codes:
  0  every line has its record, with or without a text
  1  nobody reads the records any more
  2  the command could not work at all: wrong arguments, rules with errors, input that can't be read";

const EXAMPLES: &str = "Examples:
  dehusk run                          make spool/ here and clean whatever is dropped into spool/inbox
  dehusk run --once                   clean what lies in the inbox, then leave
  dehusk clean page.html              print the text of one page
  dehusk clean pages/ --out texts/    clean a folder into a folder, on all cores
  curl -s URL | dehusk clean - --url URL --format md
  dehusk explain page.html            show line by line what went and which rule took it
  dehusk check                        check the configuration and every rule file
  dehusk status --watch               look at the running daemon
  dehusk doctor                       find out why it does not work";

/// Strips navigation, related-story lists, ads, prompts, tag lines and comment forms from scraped pages, HTML or plain
/// text, by rules that you keep per site, and with care where there are none.
#[derive(Debug, Parser)]
#[command(name = "dehusk", version, about, long_about = None, after_help = EXIT_CODES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"), max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watch the inbox and clean whatever is dropped into it.
    ///
    /// Without a configuration, the folder `spool` is made in the working directory, with `inbox` (drop raw files
    /// here), `outbox` (texts and metadata appear here), `done` and `failed` in it; rule files of your own go into the
    /// folder `rules` beside it. SIGTERM finishes what is at work and leaves; SIGHUP reads the rules again.
    Run(RunOptions),
    /// Clean files or folders, or standard input.
    ///
    /// One page goes to standard output. Several pages, or a folder, need --out; a folder is mirrored there, on all
    /// cores. `page.html`, `page.html.gz` and `page.html.zst` give `page.txt`; where that name is taken by another page
    /// of the same run, the full name is kept (`page.htm.txt`). Nothing that was there before is overwritten unless
    /// --force is given.
    Clean(CleanCommand),
    /// Show what happened to every line of a page, and why.
    ///
    /// Prints which site the page is from and what told so, every rule that fired with its file and line, and the
    /// whole page with the removed lines tinted by class.
    Explain(ExplainCommand),
    /// Check the configuration and the rule files.
    ///
    /// Prints every fault of every file at once: file, line, column, what was found and what to write instead.
    Check(CheckCommand),
    /// Run the tests that stand inside rule files.
    ///
    /// A `[[test]]` names a page beside its rule file and what its text must and must not hold.
    Test(TestCommand),
    /// Show what a change of rules does to pages, before it goes live.
    ///
    /// Cleans every page with both folders of rules and tells how many pages change and how many words come and go,
    /// worst first. Exit code 1 where anything changes.
    Diff(DiffCommand),
    /// Draft a rule file for a new site from a few of its pages.
    ///
    /// Proposes hosts, a fingerprint, sources of metadata, the main content, likely boilerplate and a first test, each
    /// with a comment that says how many of the samples show it. A person then edits it.
    New(NewCommand),
    /// Learn a site's rules from a few of its pages.
    ///
    /// Finds what repeats across the pages and what varies, and proposes a rule file with its evidence and its tests, for
    /// HTML and for text dumps. Each page is left out once to tell how the rules do on pages that they have not seen. A
    /// file that does no better than the generic cleaner is not written unless --force is given. Over a file that is
    /// there, only what is new is added: what a person wrote stays. Exit code 1 where nothing is worth writing.
    Learn(LearnCommand),
    /// List what still gets through and is worth a rule, by words, the worst first.
    ///
    /// Cleans the pages in `done` by the rules of today and counts the lines that stay on three or more pages of a site.
    Suggest(SuggestCommand),
    /// Tell how well each site's rules still fit its pages.
    ///
    /// From what the daemon remembers of the last pages of each site: rules that are dead, have dropped off or become
    /// greedy, sites whose rules change nothing, and sites that fall short of what their rules expect. Exit code 1 where there is anything to tell.
    Drift(DriftCommand),
    /// Clean pages again that were cleaned before, after a change of rules.
    ///
    /// Puts them from `done` back into the inbox; the daemon cleans them by the rules of today, and their new outputs
    /// take the place of the old ones, each in one move.
    Rerun(RerunCommand),
    /// Make rule files of the site files of Full-Text RSS.
    ///
    /// Reads every `*.txt` of a folder such as a copy of ftr-site-config, and writes one rule file for each site, or for
    /// several that say the same, below `sites` and `families` of the folder that --out names. Prints what became of
    /// every line: exact, approximate, dead in the original, or not expressible. Files that are there stay unless
    /// --force is given.
    ImportFtr(ImportFtrCommand),
    /// Look at the pages that could not be cleaned, try them again, or delete them.
    ///
    /// They lie in the folder `failed`, each with a reason file. While the daemon runs, all of this may be done too; as
    /// the user that runs it, so that it may move what it finds in the inbox.
    Quarantine(QuarantineCommand),
    /// Tell what the running daemon is doing.
    ///
    /// Asks it over the socket in its state folder: pages by where they are, rates, sites, rules, trouble, the last
    /// errors. Where no daemon runs, tells what the folders alone show.
    #[command(after_help = STATUS_CODES, after_long_help = STATUS_CODES)]
    Status(StatusCommand),
    /// Look for what keeps the daemon from working well, and tell what to do about it.
    ///
    /// Looks at folders, permissions, file system, space, limits, events, clock, rules and configuration. Run it as
    /// the user that runs the daemon; a daemon that is running is not disturbed. Exit code 1 where something is broken.
    Doctor(DoctorCommand),
    /// Clean pages in JSON lines: one record out for each line in, in their order.
    ///
    /// For engines that hand pages to a program and read its answers, such as Spark's `pipe`, and for scripts. A line is a
    /// JSON object with the page in `html`, or its bytes in `html_b64`; its other fields are passed on as they came, and
    /// behind them stand `text`, `metadata` and `dehusk` (version and hash of the rules). A page that can't be cleaned, and
    /// a line that can't be read, gives a record with `error` instead, and is no failure of the command. A record is
    /// written as soon as it is there; nothing is told on standard error. `docs/pipe.md` has the whole story.
    #[command(after_help = PIPE_CODES, after_long_help = PIPE_CODES)]
    Pipe(Box<PipeCommand>),
    /// Put all rules into one file, for shipping to other machines.
    ///
    /// Rule files, those that ship with this version included, and the settings that change what comes out, checked, with
    /// a hash over all of it: the same rules give the same file, byte for byte. Every command takes it where it takes a
    /// folder of rules, and so does `folder` under `[rules]` in the configuration. Exit code 1 where the rules have errors.
    Bundle(BundleCommand),
    /// Clean the pages in WARC files, such as those of crawlers and of Common Crawl.
    ///
    /// One line of JSON for each page, in the order of the records: what the record is known by, text, metadata. Broken
    /// records give a line with an error, and the next sound record is found behind them; what is no page is passed over
    /// and counted. Every record is in one of the counts that are told at the end.
    Warc(WarcCommand),
    /// Print the JSON Schema of rule files, for editors that complete and check them.
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct ConfigOption {
    /// The configuration file [default: ./dehusk.toml, then /etc/dehusk/dehusk.toml, then built-in values].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// What every command that cleans takes.
#[derive(Debug, Args)]
pub(super) struct PageOptions {
    /// The address that the page came from; tells its site.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// The site whose rules count, whatever the page says.
    #[arg(long)]
    pub(super) site: Option<String>,
    #[command(flatten)]
    pub(super) source: RuleArguments,
}

/// Which rules count.
#[derive(Debug, Args)]
pub(super) struct RuleArguments {
    /// Use no rules of sites and families, only the generic cleaner.
    #[arg(long)]
    pub(super) no_rules: bool,
    /// A folder of rule files on top of the one that the configuration names: a file in it takes the place of one for
    /// the same site there. Or a bundle made by `dehusk bundle`, which takes the place of the configuration.
    #[arg(long, value_name = "PATH")]
    pub(super) rules: Option<PathBuf>,
    /// Use rule files with `status = "draft"` too.
    #[arg(long)]
    pub(super) drafts: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// A form of output as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArgument {
    /// Plain text.
    Txt,
    /// Markdown.
    Md,
    /// JSON: metadata and text.
    Json,
}

impl From<FormatArgument> for Format {
    fn from(argument: FormatArgument) -> Self {
        match argument {
            FormatArgument::Txt => Self::Txt,
            FormatArgument::Md => Self::Md,
            FormatArgument::Json => Self::Json,
        }
    }
}
