//! `cargo xtask …`: set-up, builds, the run, the tests and the bench, with nothing needed but cargo.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on its standard output"
)]

mod bench;
mod plugins;
mod run;
mod shell;
mod simulate;
mod test;
mod ui;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  run [ARGS…]             build the plugins, the dashboard and the server, then serve
                          (ARGS go to `freellmapi serve`; try `cargo xtask run --help`)
  test [--full] [FILTER]  format, lints, builds, every test and the official clients;
                          FILTER names suites (`cargo xtask test clients`) or else tests;
                          --full adds what takes long, such as a real model server
  plugins [NAME…]         build provider plugins into plugins/*.wasm,
                          examples by name into target/plugins;
                          --docs makes docs/providers.md of them, --check only compares it
                          examples by name into target/plugins
  ui                      build the dashboard into ui/dist, from where the server embeds it
  bench [ARGS…]           measure this server beside the bare upstream and a bare proxy
  simulate [--write | --check]
                          a day of traffic through the router's strategies against simulated
                          providers; --write puts the figures into docs/routing.md, --check
                          says whether they are there
  help                    show this
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let helps = |arg: &String| arg == "--help" || arg == "-h";
    let done = match command.as_str() {
        "run" => run::run(&rest),
        "bench" => bench::bench(&rest),
        "simulate" if rest.iter().any(helps) => help(),
        "simulate" => simulate::simulate(&rest),
        "test" | "plugins" | "ui" if rest.iter().any(helps) => help(),
        "test" => test::test(&rest),
        "plugins" if rest.iter().any(|arg| arg == "--docs" || arg == "--check") => {
            plugins::docs(&rest)
        }
        "plugins" => plugins::build(&rest),
        "ui" => ui::build(),
        "" | "help" | "--help" | "-h" => help(),
        other => Err(format!("there is no command `{other}`\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of the commands")]
fn help() -> Result<(), String> {
    print!("{HELP}");
    Ok(())
}
