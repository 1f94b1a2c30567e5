//! `dehusk warc`.

mod arguments;
mod line;
mod progress;
mod sink;
mod work;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) use arguments::WarcCommand;

use super::failure::Failure;
use super::input::{Workbench, strict_workbench};
use super::new_file;
use super::output::tell;
use crate::clean::render::Format;
use crate::page::PageHints;
use crate::record::{RecordWriter, Shape};
use crate::text::hex;
use crate::warc::{Place, Summary};
use line::{Done, Plan};
use progress::{Mark, Progress, file_failure, path_beside};
use sink::{Folder, LineFile, Replace, Sink};
use work::{Verdict, Workplace};

/// Most records at a time that can be asked for.
const JOBS_MAX: usize = 256;

/// After so many records, or so many bytes of output, the progress is noted.
const NOTE_RECORDS: u64 = 256;
/// The bytes.
const NOTE_BYTES: usize = 8 * 1024 * 1024;

/// The name of the progress file of a folder.
const FOLDER_PROGRESS: &str = ".dehusk-warc";

/// Cleans the pages in the files that the arguments name; says whether nothing failed.
pub(super) fn run(options: &WarcCommand) -> Result<bool, Failure> {
    if options.resume && options.out.is_none() && options.folder.is_none() {
        return Err(Failure::Usage(
            "--resume needs an output that stays: add --out FILE or --folder DIR".to_owned(),
        ));
    }
    let (bench, warnings) = strict_workbench(&options.source)?;
    for warning in &warnings {
        tell(&warning.to_string());
    }
    let rules_hash = bench.bundle.hash();
    let bench = Workbench {
        hints: PageHints {
            site: options.site.clone(),
            ..PageHints::default()
        },
        ..bench
    };
    let shape = Shape {
        format: Format::from(options.format),
        title: !options.no_title,
        ..Shape::default()
    };
    let workplace = Workplace {
        bench: &bench,
        all_status: options.all_status,
        writer: RecordWriter::new(shape, &rules_hash),
        as_files: options.folder.is_some(),
    };
    let run = run_name(options, &bench, &rules_hash)?;
    let mut ledger = Ledger::open(options, run)?;
    let jobs = options
        .jobs
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let plan = Plan {
        files: &options.files,
        from: ledger.progress.mark(),
        jobs: jobs.clamp(1, JOBS_MAX),
    };
    line::run(&plan, &workplace, |done| ledger.take(&done))?;
    ledger.close(options.files.len())?;
    tell(&format!("dehusk: {}", ledger.summary));
    if let Some(path) = &options.summary {
        let text = format!("{:#}\n", summary_json(&ledger.summary, &options.files));
        new_file::write(path, text.as_bytes(), true).map_err(|error| file_failure(path, error))?;
    }
    Ok(ledger.summary.failures() == 0)
}

/// Writes outcomes, counts them, and notes the progress.
struct Ledger {
    sink: Sink,
    summary: Summary,
    progress: Progress,
    /// Where the progress is noted, if it is.
    noted_in: Option<PathBuf>,
    /// What came since the last note.
    records: u64,
    bytes: usize,
}

impl Ledger {
    fn open(options: &WarcCommand, run: String) -> Result<Self, Failure> {
        let noted_in = progress_path(options);
        let noted = match &noted_in {
            Some(path) => Progress::read(path, &run)?,
            None => None,
        };
        let begun = noted.is_some();
        let progress = noted.unwrap_or_else(|| Progress::begin(run));
        if let Some(path) = noted_in.as_ref().filter(|_| !begun) {
            refuse_output_without_progress(options)?;
            if let Some(folder) = options.folder.as_ref() {
                fs::create_dir_all(folder).map_err(|error| file_failure(folder, error))?;
            }
            progress.save(path)?;
        }
        Ok(Self {
            sink: sink(options, progress.output_bytes)?,
            summary: progress.summary.clone(),
            progress,
            noted_in,
            records: 0,
            bytes: 0,
        })
    }

    fn take(&mut self, done: &Done) -> Result<(), Failure> {
        // The place of this record is where all that was written ends.
        if self.records >= NOTE_RECORDS || self.bytes >= NOTE_BYTES {
            self.note(done.mark)?;
        }
        self.bytes += self.sink.put(&done.outcome.output)?;
        self.records += 1;
        match &done.outcome.verdict {
            Verdict::Cleaned => self.summary.count_cleaned(),
            Verdict::PassedOver(reason) => self.summary.count_passed_over(reason),
            Verdict::Failed(code) => self.summary.count_failed(code),
        }
        Ok(())
    }

    fn note(&mut self, mark: Mark) -> Result<(), Failure> {
        (self.records, self.bytes) = (0, 0);
        self.sink.flush()?;
        if let Some(path) = &self.noted_in {
            let length = self.sink.sync()?;
            self.progress.advance(mark, length, &self.summary);
            self.progress.save(path)?;
        }
        Ok(())
    }

    /// All files are read.
    fn close(&mut self, files: usize) -> Result<(), Failure> {
        self.note(Mark {
            file: files,
            place: Place::default(),
        })
    }
}

fn progress_path(options: &WarcCommand) -> Option<PathBuf> {
    let folder = options.folder.as_ref().map(|folder| folder.join(FOLDER_PROGRESS));
    let output = folder.or_else(|| options.out.clone());
    output.filter(|_| options.resume).map(|output| path_beside(&output))
}

/// An output without a progress file is not ours to cut.
fn refuse_output_without_progress(options: &WarcCommand) -> Result<(), Failure> {
    match options.out.as_ref().filter(|path| path.exists()) {
        Some(path) => Err(Failure::Usage(format!(
            "{}: is there already, and no progress file beside it: delete it, or name another output",
            path.display()
        ))),
        None => Ok(()),
    }
}

fn sink(options: &WarcCommand, length: u64) -> Result<Sink, Failure> {
    let ending = Format::from(options.format).name();
    let replace = match (options.force, options.resume) {
        (true, _) => Replace::Any,
        (false, true) => Replace::SameRecord,
        (false, false) => Replace::None,
    };
    Ok(match (&options.out, &options.folder) {
        (Some(path), _) if options.resume => Sink::File(LineFile::resume(path, length)?),
        (Some(path), _) => Sink::File(LineFile::create(path, options.force)?),
        (None, Some(path)) => Sink::Folder(Folder::new(path, ending, replace)),
        (None, None) => Sink::Standard(BufWriter::new(io::stdout())),
    })
}

/// A name that another run has only if it makes the same output: of the files and their lengths, rules and options.
fn run_name(options: &WarcCommand, bench: &Workbench, rules_hash: &str) -> Result<String, Failure> {
    let length = |path: &PathBuf| -> Result<Value, Failure> {
        let length = File::open(path).and_then(|file| file.metadata());
        let length = length.map_err(|error| file_failure(path, error))?.len();
        Ok(json!([path.to_string_lossy(), length]))
    };
    let files: Vec<Value> = options.files.iter().map(length).collect::<Result<_, _>>()?;
    let told = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "files": files,
        "rules": rules_hash,
        "site_rules": bench.options.site_rules,
        "site": options.site,
        "limits": format!("{:?} {:?}", bench.limits, bench.page_time),
        "format": Format::from(options.format).name(),
        "no_title": options.no_title,
        "all_status": options.all_status,
    });
    Ok(hex(&Sha256::digest(told.to_string())))
}

fn summary_json(summary: &Summary, files: &[PathBuf]) -> Value {
    let files: Vec<_> = files.iter().map(|path: &PathBuf| Path::to_string_lossy(path)).collect();
    json!({
        "schema": 1,
        "files": files,
        "records": summary.records,
        "cleaned": summary.cleaned,
        "passed_over": summary.passed_over,
        "failed": summary.failed,
    })
}
