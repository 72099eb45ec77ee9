//! A day of traffic through the router, against providers with limits, outages and drift: what each strategy makes
//! of it, beside plain priority and beside an oracle that knows the world. `cargo xtask simulate` runs it.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what this program prints"
)]

mod report;
mod run;
mod scenarios;
mod world;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use freellmapi::routing::dice::Dice;
use freellmapi::routing::strategy::Strategy;

use report::{Days, Mean};
use run::{Day, Policy};
use scenarios::Scenario;

/// Each scenario is run with so many.
const SEEDS: u64 = 20;

/// Conversations a day; about six requests each.
const SESSIONS: usize = 360;

/// Losing less than this of the value where there is nothing to gain is noise, per cent.
const NOISE: f64 = 0.5;

const BEGIN: &str = "<!-- simulate: begin -->\n";
const END: &str = "<!-- simulate: end -->";

/// Per cent by which the default's value exceeds that of plain priority.
struct Verdict {
    scenario: &'static str,
    gain: Mean,
    kept: bool,
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    let (mode, file) = match args {
        [] => ("--print", None),
        [mode, file] if mode == "--write" || mode == "--check" => {
            (mode.as_str(), Some(PathBuf::from(file)))
        }
        _ => return Err("usage: simulate [--write FILE | --check FILE]".to_owned()),
    };
    let (text, verdicts) = simulate();
    match file {
        None => print!("{text}"),
        Some(file) => {
            let at = |error: std::io::Error| format!("{}: {error}", file.display());
            let page = std::fs::read_to_string(&file).map_err(at)?;
            let (before, after) = around(&page).ok_or_else(|| {
                format!(
                    "{}: the marks {BEGIN:?} and {END:?} are missing",
                    file.display()
                )
            })?;
            let new = format!("{before}{BEGIN}{text}{END}{after}");
            if mode == "--write" {
                std::fs::write(&file, new).map_err(at)?;
            } else if new != page {
                return Err(format!(
                    "{} does not hold the present figures; run `cargo xtask simulate --write`",
                    file.display()
                ));
            }
        }
    }
    match verdicts.iter().find(|verdict| !verdict.kept) {
        None => Ok(()),
        Some(lost) => Err(format!(
            "{}: the default strategy gains {:.2} % ± {:.2} over plain priority, which is not enough",
            lost.scenario, lost.gain.mean, lost.gain.off
        )),
    }
}

/// What stands before and after the figures.
fn around(page: &str) -> Option<(&str, &str)> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some((before, after))
}

fn simulate() -> (String, Vec<Verdict>) {
    let mut text = String::new();
    let mut verdicts = Vec::new();
    for scenario in &scenarios::ALL {
        let (oracle, all) = days(scenario);
        let _ = writeln!(text, "### {}\n\n{}\n", scenario.name, scenario.says);
        let _ = writeln!(text, "{}", report::table(&all, &oracle));
        let of = |strategy: Strategy| {
            let name = strategy.to_string();
            all.iter()
                .find(|days| days.policy == name)
                .map(|days| days.days.as_slice())
        };
        let (Some(usual), Some(plain)) = (of(Strategy::default()), of(Strategy::Priority)) else {
            continue;
        };
        let gain = report::gain(usual, plain);
        let nothing_to_gain = scenario.name == "priority already optimal";
        verdicts.push(Verdict {
            scenario: scenario.name,
            kept: if nothing_to_gain {
                gain.mean > -NOISE
            } else {
                gain.mean - gain.off > 0.0
            },
            gain,
        });
    }
    let _ = writeln!(
        text,
        "### The default beside plain priority\n\n| scenario | value gained, % |\n|---|---|"
    );
    for verdict in &verdicts {
        let _ = writeln!(
            text,
            "| {} | {:.1} ± {:.1} |",
            verdict.scenario, verdict.gain.mean, verdict.gain.off
        );
    }
    text.push('\n');
    (text, verdicts)
}

/// The oracle's days and everybody's, the oracle's included.
fn days(scenario: &Scenario) -> (Vec<Day>, Vec<Days>) {
    let policies: Vec<(&'static str, Policy)> = [
        ("priority", Strategy::Priority),
        ("balanced", Strategy::Balanced),
        ("smartest", Strategy::Smartest),
        ("fastest", Strategy::Fastest),
        ("reliable", Strategy::Reliable),
        ("cheap", Strategy::Cheap),
    ]
    .map(|(name, strategy)| (name, Policy::Router(strategy)))
    .into_iter()
    .chain([("oracle", Policy::Oracle)])
    .collect();
    // Seeds are independent of each other: each thread takes some, and the order is that of the seeds.
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let mut by_seed: Vec<(u64, Vec<Day>)> = thread::scope(|scope| {
        let work: Vec<_> = (0..threads)
            .map(|part| {
                let policies = &policies;
                scope.spawn(move || {
                    (0..SEEDS)
                        .filter(|seed| seed % threads == part)
                        .map(|seed| {
                            let providers = (scenario.providers)(&mut Dice::new(seed + 1_000));
                            let requests = world::traffic(seed, SESSIONS);
                            let one = |(_, policy): &(_, Policy)| {
                                run::day(*policy, &providers, &requests, seed)
                            };
                            (seed, policies.iter().map(one).collect())
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        work.into_iter()
            .flat_map(|one| one.join().unwrap_or_default())
            .collect()
    });
    by_seed.sort_by_key(|(seed, _)| *seed);
    let all: Vec<Days> = policies
        .iter()
        .enumerate()
        .map(|(at, (policy, _))| Days {
            policy,
            days: by_seed
                .iter()
                .filter_map(|(_, days)| days.get(at).copied())
                .collect(),
        })
        .collect();
    let oracle = all.last().map_or_else(Vec::new, |days| days.days.clone());
    (oracle, all)
}
