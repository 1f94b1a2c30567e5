//! What a score costs: a model of trees over made-up rows, in nanoseconds a row.
//!
//! `cargo bench --bench trees -- MODEL`.

#![expect(clippy::print_stdout, reason = "a benchmark prints figures")]

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use dehusk::clean::trees::Trees;

/// Rows of a page.
const ROWS: usize = 300;

/// Times that all rows are scored; the fastest counts, since others may be at work on the machine.
const ROUNDS: u32 = 2_000;

fn main() {
    let path = std::env::args().find(|argument| {
        std::path::Path::new(argument)
            .extension()
            .is_some_and(|ending| ending == "trees")
    });
    let Some(path) = path else {
        println!("no model was named");
        return;
    };
    let bytes = fs::read(&path).expect("the model can be read");
    let trees = Trees::parse(&bytes).expect("the model is one");
    let width = trees.features().len();
    // Numbers that jump about, most of them small.
    let rows: Vec<f32> = (0..ROWS * width)
        .scan(1_u32, |state, _| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(f32::from((*state >> 20) as u16) / 2048.0 - 1.0)
        })
        .collect();
    let mut scores = Vec::with_capacity(ROWS);
    let mut least = Duration::MAX;
    for _ in 0..ROUNDS {
        scores.clear();
        let began = Instant::now();
        trees.scores(black_box(&rows), &mut scores);
        least = least.min(began.elapsed());
        black_box(&scores);
    }
    let spent = least / u32::try_from(ROWS).expect("few rows");
    println!("{path}: {width} features, {} ns a row at best", spent.as_nanos());
}
