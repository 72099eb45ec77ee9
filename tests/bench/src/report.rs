//! The figures for people and for programs, and whether the promises are kept.

use serde_json::{Value, json};

use crate::cells::{Cell, Figures};

/// Of the pass-through's requests a second at 32 connections, the least share.
const LEAST_SHARE: f64 = 0.40;
/// Added p50 at one connection, microseconds, that is too much.
const MOST_ADDED: i64 = 150;

fn cell<'a>(figures: &'a Figures, load: &str, target: &str) -> Option<&'a Cell> {
    figures
        .cells
        .iter()
        .find(|cell| cell.load == load && cell.target == target)
}

/// Prints it all; true if no promise was broken.
pub(crate) fn print(figures: &Figures) -> bool {
    println!(
        "{:<15} {:<13} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "load",
        "target",
        "req/s",
        "p50 us",
        "p99 us",
        "+p50",
        "+p99",
        "cpu us",
        "guest us",
        "failed"
    );
    for one in &figures.cells {
        let (p50, p99) = added(figures, one);
        let guest = one
            .guest
            .map_or("-".to_owned(), |guest| format!("{guest:.1}"));
        println!(
            "{:<15} {:<13} {:>9.0} {:>8} {:>8} {p50:>8} {p99:>8} {:>8.1} {guest:>8} {:>6}",
            one.load, one.target, one.rate, one.p50, one.p99, one.cpu, one.failed
        );
    }
    for weight in &figures.weights {
        println!(
            "{}: {} kB at rest, {} kB under load, started in {} ms",
            weight.target,
            weight.rest_kb,
            weight.load_kb,
            weight.start.as_millis()
        );
    }
    let mut kept = figures.cells.iter().all(|cell| cell.failed == 0);
    if !kept {
        println!("FAIL requests failed: the figures of those cells are worthless");
    }
    for (good, what) in promises(figures) {
        println!("{} {what}", if good { "PASS" } else { "FAIL" });
        kept &= good;
    }
    kept
}

/// What is added to the mock's p50 and p99, microseconds.
fn added(figures: &Figures, one: &Cell) -> (i64, i64) {
    cell(figures, one.load, "mock").map_or((0, 0), |mock| {
        (
            i64::from(one.p50) - i64::from(mock.p50),
            i64::from(one.p99) - i64::from(mock.p99),
        )
    })
}

fn promises(figures: &Figures) -> Vec<(bool, String)> {
    let mut promises = Vec::new();
    let pair = |load| cell(figures, load, "server").zip(cell(figures, load, "pass-through"));
    if let Some((server, pass)) = pair("32 conn 1 kB") {
        let share = server.rate / pass.rate;
        promises.push((
            share >= LEAST_SHARE,
            format!(
                "{:.0} % of the pass-through's requests/s at 32 connections (at least 40 %)",
                share * 100.0
            ),
        ));
    }
    if let Some(server) = cell(figures, "1 conn 1 kB", "server") {
        let (p50, _) = added(figures, server);
        promises.push((
            p50 < MOST_ADDED,
            format!("{p50} us added p50 at 1 connection (under {MOST_ADDED} us)"),
        ));
    }
    promises
}

/// The same as JSON.
pub(crate) fn json(figures: &Figures) -> Value {
    let cells = figures.cells.iter().map(|one| {
        let (p50, p99) = added(figures, one);
        json!({
            "load": one.load, "target": one.target, "requests_per_second": one.rate, "failed": one.failed,
            "p50_us": one.p50, "p99_us": one.p99, "added_p50_us": p50, "added_p99_us": p99,
            "cpu_us": one.cpu, "guest_us": one.guest,
        })
    });
    let weights = figures.weights.iter().map(|weight| {
        json!({
            "target": weight.target, "rest_kb": weight.rest_kb, "load_kb": weight.load_kb,
            "start_ms": weight.start.as_secs_f64() * 1000.0,
        })
    });
    let promises = promises(figures);
    let promises = promises
        .iter()
        .map(|(kept, what)| json!({"kept": kept, "what": what}));
    json!({
        "cells": cells.collect::<Vec<_>>(),
        "processes": weights.collect::<Vec<_>>(),
        "promises": promises.collect::<Vec<_>>(),
    })
}
