//! `cargo xtask test`: the gate. Every suite runs, even after one failed, and its time is printed.

mod browser;
mod clients;
mod code;
mod guide;
mod licences;
mod tool;

use std::time::{Duration, Instant};

/// How a suite ended.
enum Ended {
    Passed,
    Failed(String),
    Skipped(String),
}

/// When a suite runs.
#[derive(Clone, Copy, PartialEq)]
enum When {
    /// Always: the suites after it need what it builds.
    Build,
    /// Unless a filter names others.
    Usual,
    /// Only with `--full`, or when a filter names it.
    Full,
}

struct Suite {
    name: &'static str,
    when: When,
    run: fn(&Options) -> Ended,
}

#[derive(Default)]
struct Options {
    full: bool,
    /// Names suites, or else tests.
    filter: Vec<String>,
}

const SUITES: &[Suite] = &[
    suite("format", When::Usual, code::format),
    suite("plugins", When::Build, code::plugins),
    suite("example plugins", When::Build, code::examples),
    suite("hostile plugins", When::Build, code::hostile),
    suite("dashboard", When::Build, code::dashboard),
    suite("server", When::Build, code::server),
    suite("lints", When::Usual, code::lints),
    suite("tests", When::Usual, code::tests),
    suite("doc tests", When::Usual, code::doc_tests),
    suite("documentation", When::Usual, code::documentation),
    suite("routing figures", When::Usual, code::routing),
    suite("guide to plugins", When::Usual, guide::follow),
    suite("clients: openai for Python", When::Usual, clients::python),
    suite("clients: openai for Node", When::Usual, clients::node),
    suite("clients: LangChain", When::Usual, clients::langchain),
    suite(
        "clients: Responses in Python",
        When::Usual,
        clients::responses_python,
    ),
    suite(
        "clients: Responses in Node",
        When::Usual,
        clients::responses_node,
    ),
    suite("clients: Codex", When::Full, clients::codex),
    suite(
        "clients: anthropic for Python",
        When::Usual,
        clients::anthropic_python,
    ),
    suite(
        "clients: anthropic for Node",
        When::Usual,
        clients::anthropic_node,
    ),
    suite("clients: Claude Code", When::Full, clients::claude_code),
    suite(
        "clients: google-genai for Python",
        When::Usual,
        clients::genai_python,
    ),
    suite(
        "clients: Google's genai for Node",
        When::Full,
        clients::genai_node,
    ),
    suite(
        "clients: ollama for Python",
        When::Usual,
        clients::ollama_python,
    ),
    suite("clients: ollama for Node", When::Full, clients::ollama_node),
    suite(
        "clients: frameworks for Python",
        When::Full,
        clients::frameworks,
    ),
    suite("clients: Vercel's AI SDK", When::Full, clients::ai_sdk),
    suite("clients: Gemini CLI", When::Full, clients::gemini_cli),
    suite("clients: Qwen Code", When::Full, clients::qwen_code),
    suite("clients: opencode", When::Full, clients::opencode),
    suite("clients: aider", When::Full, clients::aider),
    suite("clients: Schemathesis", When::Full, clients::schemathesis),
    suite("browser", When::Full, browser::run),
    suite("scripts", When::Usual, code::scripts),
    suite("licences", When::Usual, licences::check),
    suite("real model server", When::Full, clients::real_model),
];

const fn suite(name: &'static str, when: When, run: fn(&Options) -> Ended) -> Suite {
    Suite { name, when, run }
}

/// Runs the suites that `args` choose.
pub(crate) fn test(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args)?;
    let mut rows = Vec::new();
    for suite in SUITES.iter().filter(|suite| options.wants(suite)) {
        println!("\n==== {}", suite.name);
        let started = Instant::now();
        let ended = (suite.run)(&options);
        let row = (suite.name, started.elapsed(), ended);
        println!("{}", line(&row));
        rows.push(row);
    }
    println!("\n==== summary");
    let count = |word: &str| rows.iter().filter(|row| row.2.word() == word).count();
    let (passed, failed, skipped) = (count("passed"), count("FAILED"), count("skipped"));
    for row in &rows {
        println!("{}", line(row));
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 && passed > 0 {
        Ok(())
    } else {
        Err("the tests did not pass".into())
    }
}

fn line((name, time, ended): &(&str, Duration, Ended)) -> String {
    let seconds = time.as_secs_f64();
    let word = ended.word();
    let why = match ended {
        Ended::Passed => String::new(),
        Ended::Failed(why) | Ended::Skipped(why) => format!(": {why}"),
    };
    format!("{seconds:>7.1} s  {word:<8}{name}{why}")
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        for arg in args {
            if arg == "--full" {
                options.full = true;
            } else if arg.starts_with('-') {
                return Err(format!("`test` has no option {arg}"));
            } else {
                options.filter.push(arg.clone());
            }
        }
        Ok(options)
    }

    fn wants(&self, suite: &Suite) -> bool {
        match suite.when {
            When::Build => true,
            _ if self.names_suites() => self.names(suite),
            // A filter of tests: only those.
            _ if !self.filter.is_empty() => suite.name == "tests",
            When::Usual => true,
            When::Full => self.full,
        }
    }

    fn names_suites(&self) -> bool {
        SUITES.iter().any(|suite| self.names(suite))
    }

    fn names(&self, suite: &Suite) -> bool {
        self.filter.iter().any(|word| suite.name.contains(word))
    }

    /// The filter, if it is one of tests.
    fn tests(&self) -> &[String] {
        if self.names_suites() {
            &[]
        } else {
            &self.filter
        }
    }
}

impl Ended {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
        }
    }
}

impl From<Result<(), String>> for Ended {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(args: &[&str]) -> Vec<&'static str> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        let options = Options::parse(&args).expect("good arguments");
        SUITES
            .iter()
            .filter(|suite| suite.when != When::Build && options.wants(suite))
            .map(|suite| suite.name)
            .collect()
    }

    #[test]
    fn a_filter_names_suites_or_else_tests() {
        let clients = chosen(&["clients"]);
        assert!(clients.len() > 2 && clients.iter().all(|name| name.starts_with("clients: ")));
        assert_eq!(chosen(&["real model"]), ["real model server"]);
        assert_eq!(chosen(&["split_at_every_byte"]), ["tests"]);
        assert!(!chosen(&[]).contains(&"real model server"));
        assert!(chosen(&["--full"]).contains(&"real model server"));
        assert!(Options::parse(&["--ful".into()]).is_err());
    }
}
