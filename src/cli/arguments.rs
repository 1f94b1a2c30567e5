//! What can be typed after `dehusk`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    Pipe(Box<super::pipe::PipeCommand>),
    /// Put all rules into one file, for shipping to other machines.
    ///
    /// Rule files, those that ship with this version included, and the settings that change what comes out, checked, with
    /// a hash over all of it: the same rules give the same file, byte for byte. Every command takes it where it takes a
    /// folder of rules, and so does `folder` under `[rules]` in the configuration. Exit code 1 where the rules have errors.
    Bundle(super::bundle::BundleCommand),
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
pub(super) struct RunOptions {
    /// Clean what lies in the inbox, then leave.
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
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

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and any of them goes with any other"
)]
pub(super) struct CleanCommand {
    /// Files or folders; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Write the outputs into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Forms of output, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "txt", value_name = "FORM")]
    pub(super) format: Vec<FormatArgument>,
    /// Leave the title out of the text.
    #[arg(long)]
    pub(super) no_title: bool,
    /// Begin Markdown with the metadata.
    #[arg(long)]
    pub(super) front_matter: bool,
    /// With --out: write the metadata of each page beside its text, as `NAME.meta.json`.
    #[arg(long)]
    pub(super) metadata: bool,
    /// With --out: overwrite what is there.
    #[arg(long)]
    pub(super) force: bool,
    /// How many pages are cleaned at a time [default: one for each core].
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    #[command(flatten)]
    pub(super) page: PageOptions,
}

#[derive(Debug, Args)]
pub(super) struct ExplainCommand {
    /// The page; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) path: PathBuf,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    /// Colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub(super) color: ColorChoice,
    #[command(flatten)]
    pub(super) page: PageOptions,
}

#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// A folder of rule files, or a bundle [default: the one that the configuration names].
    #[arg(value_name = "PATH")]
    pub(super) folder: Option<PathBuf>,
    /// Print the faults as JSON, for editors and programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct TestCommand {
    /// Only the tests of this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// The folder of rule files [default: the one that the configuration names].
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Ask for every promised whole text that differs whether the new one is right.
    #[arg(long)]
    pub(super) review: bool,
    /// Take every new whole text as right.
    #[arg(long, conflicts_with = "review")]
    pub(super) accept: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct NewCommand {
    /// Sample pages of the site.
    #[arg(required = true, value_name = "FILE")]
    pub(super) samples: Vec<PathBuf>,
    /// The site's name, where the pages don't tell it.
    #[arg(long)]
    pub(super) site: Option<String>,
    /// Write the draft to this file, which must not be there yet [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct LearnCommand {
    /// Pages of the site, or folders of them.
    #[arg(value_name = "DIR", required_unless_present = "from_done")]
    pub(super) samples: Vec<PathBuf>,
    /// The site's name, where the pages don't tell it.
    #[arg(long)]
    pub(super) site: Option<String>,
    /// Learn from pages of this site that went through the daemon.
    #[arg(long, value_name = "SITE", conflicts_with = "samples")]
    pub(super) from_done: Option<String>,
    /// With --from-done: only so many of the newest pages.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) newest: usize,
    /// A folder with dumps of other sites, which the fingerprint must not fit.
    #[arg(long, value_name = "DIR")]
    pub(super) against: Vec<PathBuf>,
    /// Write the rules to this file; if it is there, add what it does not have [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write the file even where it is no better than the generic cleaner.
    #[arg(long)]
    pub(super) force: bool,
    /// Print what was learned, with its evidence, as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct SuggestCommand {
    /// Only this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// How many lines are shown of each site.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) show: usize,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct DriftCommand {
    /// Only this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct StatusCommand {
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    /// Print it again every second.
    #[arg(long)]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct DoctorCommand {
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct RerunCommand {
    /// The site whose pages are cleaned again.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// Every page.
    #[arg(long, conflicts_with = "site")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineCommand {
    #[command(subcommand)]
    pub(super) action: QuarantineAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum QuarantineAction {
    /// List them, the oldest first (more than 10,000 in the order in which they are found).
    List(QuarantineList),
    /// Tell why one of them failed, and how it begins.
    Show(QuarantineShow),
    /// Put pages back into the inbox, where they are taken as if for the first time.
    ///
    /// Nothing in the inbox is overwritten: a page whose name is taken there stays, and the exit code is 1. The reason
    /// file goes when the page is in the inbox; after a kill in between, the same command again ends it.
    Retry(QuarantineRetry),
    /// Delete pages for good, with their reason files.
    ///
    /// The exit code is 1 where a name is not found or a page can't be deleted.
    Drop(QuarantineDrop),
}

/// Which dead letters.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// Only those with this code, such as `too-large`.
    #[arg(long)]
    pub(super) code: Option<String>,
    /// Only those of this site.
    #[arg(long)]
    pub(super) site: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineList {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineShow {
    /// Its name, as the list prints it.
    #[arg(value_name = "NAME")]
    pub(super) name: OsString,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineRetry {
    /// Their names, as the list prints them.
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with_all = ["all", "code", "site"])]
    pub(super) names: Vec<OsString>,
    /// Every page, or with --code and --site all of those.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineDrop {
    /// Their names, as the list prints them.
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with_all = ["all", "code", "site"])]
    pub(super) names: Vec<OsString>,
    /// Every page, or with --code and --site all of those.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Don't ask.
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct DiffCommand {
    /// Pages, or folders of pages.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The old and the new folder of rule files: --rules OLD --rules NEW.
    #[arg(long, value_name = "DIR", required = true)]
    pub(super) rules: Vec<PathBuf>,
    /// How many changed pages are shown line by line.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) show: usize,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct ImportFtrCommand {
    /// The folder of site files.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Write the rule files below this folder; without it only the report is made.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the report as JSON, with every line.
    #[arg(long)]
    pub(super) json: bool,
    /// Overwrite what is there.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
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
