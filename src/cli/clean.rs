//! `dehusk clean`.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::{FormatArgument, PageOptions};
use super::failure::Failure;
use super::input::{Workbench, hints_of, read_page, workbench};
use super::jobs::{Job, jobs};
use super::output::{print, tell};
use crate::clean::render::{Format, markdown, metadata_json, page_json, plain, side_json};
use crate::clean::{Extraction, clean_until};
use crate::guard::{guarded, within};
use crate::limits::Stop;
use crate::page::RawPage;
use crate::rules::Class;

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

/// Most pages at a time that can be asked for.
const JOBS_MAX: usize = 1024;

/// How outputs look.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and any of them goes with any other"
)]
struct Look {
    formats: Vec<Format>,
    side_classes: Vec<Class>,
    title: bool,
    front_matter: bool,
    metadata: bool,
    force: bool,
}

/// Cleans what the arguments name; says whether every page could be cleaned.
pub(super) fn run(options: &CleanCommand) -> Result<bool, Failure> {
    let bench = workbench(&options.page)?;
    let side = options.out.is_some() && !bench.side_classes.is_empty();
    let formats = options.format.iter().map(|format| Format::from(*format));
    let look = Look {
        formats: formats.chain(side.then_some(Format::Side)).collect(),
        side_classes: bench.side_classes.clone(),
        title: !options.no_title,
        front_matter: options.front_matter,
        metadata: options.metadata,
        force: options.force,
    };
    match &options.out {
        None => to_standard_output(options, &bench, &look),
        Some(out) => {
            let jobs = jobs(&options.paths, out, &look.formats)?;
            let threads = options
                .jobs
                .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
            Ok(to_folder(&jobs, threads.clamp(1, JOBS_MAX), &bench, &look))
        }
    }
}

fn to_standard_output(options: &CleanCommand, bench: &Workbench, look: &Look) -> Result<bool, Failure> {
    let ([path], [format]) = (options.paths.as_slice(), look.formats.as_slice()) else {
        return Err(Failure::Usage(
            "several pages or forms need a folder: add --out DIR".to_owned(),
        ));
    };
    if path.is_dir() {
        return Err(Failure::Usage(format!(
            "{} is a folder: add --out DIR for the texts",
            path.display()
        )));
    }
    match cleaned(path, bench) {
        Ok(extraction) => {
            print(&rendered(&extraction, *format, look))?;
            Ok(true)
        }
        Err(reason) => {
            tell(&format!("dehusk: {}: {reason}", path.display()));
            Ok(false)
        }
    }
}

fn cleaned(path: &Path, bench: &Workbench) -> Result<Extraction, String> {
    let bytes = read_page(path, &bench.limits).map_err(|error| error.to_string())?;
    let raw = RawPage {
        bytes: &bytes,
        hints: hints_of(path, &bench.hints),
    };
    let clean = |stop: &Stop<'_>| clean_until(&raw, &bench.rules, bench.options, &bench.limits, stop);
    guarded(|| within(bench.page_time, clean))?.map_err(|error| error.to_string())
}

fn rendered(extraction: &Extraction, format: Format, look: &Look) -> String {
    match format {
        Format::Txt => plain(extraction, look.title),
        Format::Md => markdown(extraction, look.title, look.front_matter),
        Format::Json => format!("{:#}\n", page_json(extraction)),
        Format::Side => format!("{:#}\n", side_json(extraction, &look.side_classes)),
    }
}

/// Cleans all jobs on so many threads.
fn to_folder(jobs: &[Job], threads: usize, bench: &Workbench, look: &Look) -> bool {
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(0);
    let progress = progress(jobs.len());
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(reason) = one(job, bench, look) {
                failed.fetch_add(1, Ordering::Relaxed);
                progress.suspend(|| tell(&format!("dehusk: {}: {reason}", job.input.display())));
            }
            progress.inc(1);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    progress.finish_and_clear();
    failed.into_inner() == 0
}

fn one(job: &Job, bench: &Workbench, look: &Look) -> Result<(), String> {
    let extraction = cleaned(&job.input, bench)?;
    let write = |ending: &str, text: &str| {
        let path: PathBuf = job.output(ending);
        super::new_file::write(&path, text.as_bytes(), look.force)
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    if look.metadata {
        write("meta.json", &format!("{:#}\n", metadata_json(&extraction)))?;
    }
    look.formats
        .iter()
        .try_for_each(|format| write(format.name(), &rendered(&extraction, *format, look)))
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress(pages: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pages, {per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(pages).unwrap_or(u64::MAX)).with_style(style)
}
