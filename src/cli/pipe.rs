//! `dehusk pipe`.

use std::io::{self, BufWriter};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::arguments::RuleArguments;
use super::failure::Failure;
use super::input::strict_workbench;
use super::output::tell;
use crate::clean::render::Format;
use crate::pipe::{Bench, Fields, PRESETS, PipeError, Preset, Summary, run as run_pipe};
use crate::record::{COLUMNS, Fault, Place, Places, RecordWriter, Shape};

/// Most pages at a time that can be asked for.
const JOBS_MAX: u64 = 1024;

/// Longest time for a page that can be asked for, in seconds.
const PAGE_SECONDS_MAX: u64 = 3_600;

/// Bytes of records that are written at a time.
const WRITE_BYTES: usize = 64 * 1024;

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and any of them goes with any other"
)]
pub(super) struct PipeCommand {
    /// The names of the fields as a common tool has them; the options below change single ones.
    #[arg(long, value_name = "NAME", default_value = "dehusk", value_parser = PossibleValuesParser::new(PRESETS.iter().flat_map(|preset| preset.names)))]
    preset: String,
    #[command(flatten)]
    names: FieldNames,
    /// Fields of the metadata to put at the top of the record as well, separated by commas: `title,language,date`.
    #[arg(long, value_delimiter = ',', value_name = "FIELDS", value_parser = PossibleValuesParser::new(COLUMNS))]
    columns: Vec<String>,
    /// The form of the text.
    #[arg(long, value_name = "FORM", default_value = "txt")]
    format: TextFormat,
    /// Leave the title out of the text.
    #[arg(long)]
    no_title: bool,
    /// Put every block of the page into the record, with what became of it and which rule took it.
    #[arg(long)]
    removals: bool,
    /// Leave the page itself in its record.
    #[arg(long)]
    keep_html: bool,
    /// How many pages are cleaned at a time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=JOBS_MAX))]
    jobs: u64,
    /// Longest time that the cleaning of one page may take [default: what the configuration says, else 10].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=PAGE_SECONDS_MAX))]
    page_seconds: Option<u64>,
    /// Tell on standard error of every line that gave no text, and how many there were.
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    source: RuleArguments,
}

/// Names of single fields. One that begins with a slash is a JSON Pointer of one or two names, such as `/metadata/url`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_field_names,
    reason = "they are the names of the options, which say what they name"
)]
struct FieldNames {
    /// What the page is known by.
    #[arg(long, value_name = "FIELD")]
    id_field: Option<Place>,
    /// The page, as a string.
    #[arg(long, value_name = "FIELD")]
    html_field: Option<Place>,
    /// The page as bytes in base64, for pages that are not UTF-8 or are packed; counts before the other.
    #[arg(long, value_name = "FIELD")]
    bytes_field: Option<Place>,
    /// The address that the page came from.
    #[arg(long, value_name = "FIELD")]
    url_field: Option<Place>,
    /// The site whose rules count, whatever the page says [default: none].
    #[arg(long, value_name = "FIELD")]
    site_field: Option<Place>,
    /// The charset of a page in base64, as a transport header names it [default: none].
    #[arg(long, value_name = "FIELD")]
    charset_field: Option<Place>,
    /// Where the text goes.
    #[arg(long, value_name = "FIELD")]
    text_field: Option<Place>,
    /// Where the metadata goes.
    #[arg(long, value_name = "FIELD")]
    metadata_field: Option<Place>,
    /// Where the blocks go, with --removals.
    #[arg(long, value_name = "FIELD")]
    removals_field: Option<Place>,
    /// Where the version and the hash of the rules go.
    #[arg(long, value_name = "FIELD")]
    made_by_field: Option<Place>,
    /// Where it goes why there is no text.
    #[arg(long, value_name = "FIELD")]
    error_field: Option<Place>,
}

/// A form of the text as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TextFormat {
    /// Plain text.
    Txt,
    /// Markdown.
    Md,
}

/// Answers every line of standard input. A line without text is no failure; that nobody reads the records any more is one,
/// of which nothing is told.
pub(super) fn run(options: &PipeCommand) -> Result<bool, Failure> {
    let (bench, warnings) = strict_workbench(&options.source)?;
    if options.verbose {
        for warning in &warnings {
            tell(&warning.to_string());
        }
    }
    let preset = Preset::of_name(&options.preset);
    let preset = preset.ok_or_else(|| Failure::Usage(format!("there is no preset `{}`", options.preset)))?;
    let (shape, fields) = (shape(options, preset), fields(options, preset));
    check(&shape, &fields, options.keep_html)?;
    let bench = Bench {
        writer: RecordWriter::new(shape, &bench.bundle.hash()),
        rules: bench.rules,
        options: bench.options,
        limits: bench.limits,
        page_time: options.page_seconds.map_or(bench.page_time, Duration::from_secs),
        fields,
        keep_html: options.keep_html,
    };
    let jobs = usize::try_from(options.jobs).unwrap_or(1);
    let mut output = BufWriter::with_capacity(WRITE_BYTES, io::stdout().lock());
    let mut tell_fault = |line: u64, fault: &Fault| {
        if options.verbose {
            tell(&format!("dehusk: line {line}: {}: {}", fault.code, fault.message));
        }
    };
    match run_pipe(bench, jobs, io::stdin(), &mut output, &mut tell_fault) {
        Ok(summary) => {
            if options.verbose {
                tell(&told(summary));
            }
            Ok(true)
        }
        Err(PipeError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still in the buffer has no reader either.
            drop(output.into_parts());
            Ok(false)
        }
        Err(error) => Err(Failure::Usage(error.to_string())),
    }
}

/// Refuses names of fields that can't all be met.
fn check(shape: &Shape, fields: &Fields, keep_html: bool) -> Result<(), Failure> {
    if let Some((one, other)) = shape.clash() {
        let text =
            format!("two parts of the record can't both stand at `{one}` and `{other}`: name another field for one");
        return Err(Failure::Usage(text));
    }
    if keep_html && fields.html == shape.places.text {
        let text = format!(
            "the page can't stay where the text goes: --keep-html needs another --text-field than `{}`",
            fields.html
        );
        return Err(Failure::Usage(text));
    }
    Ok(())
}

fn told(summary: Summary) -> String {
    format!(
        "dehusk: {} lines, {} of them without a text",
        summary.lines, summary.faults
    )
}

fn fields(options: &PipeCommand, preset: &Preset) -> Fields {
    let (names, usual) = (&options.names, preset.fields());
    let or = |named: &Option<Place>, usual: Place| named.clone().unwrap_or(usual);
    Fields {
        html: or(&names.html_field, usual.html),
        bytes: or(&names.bytes_field, usual.bytes),
        url: or(&names.url_field, usual.url),
        site: names.site_field.clone(),
        charset: names.charset_field.clone(),
    }
}

fn shape(options: &PipeCommand, preset: &Preset) -> Shape {
    let (names, usual) = (&options.names, preset.places());
    let or = |named: &Option<Place>, usual: Place| named.clone().unwrap_or(usual);
    let mut columns: Vec<String> = preset.columns.iter().map(|name| (*name).to_owned()).collect();
    columns.extend(
        options
            .columns
            .iter()
            .filter(|name| !preset.columns.contains(&name.as_str()))
            .cloned(),
    );
    Shape {
        places: Places {
            id: or(&names.id_field, usual.id),
            text: or(&names.text_field, usual.text),
            metadata: or(&names.metadata_field, usual.metadata),
            removals: or(&names.removals_field, usual.removals),
            made_by: or(&names.made_by_field, usual.made_by),
            error: or(&names.error_field, usual.error),
        },
        format: match options.format {
            TextFormat::Txt => Format::Txt,
            TextFormat::Md => Format::Md,
        },
        title: !options.no_title,
        removals: options.removals,
        columns,
    }
}
