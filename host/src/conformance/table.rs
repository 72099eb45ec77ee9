//! The page of all plugins, made from what the components say of themselves and what was seen of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::quirks;
use super::stage::Stage;
use super::trial::Report;
use crate::plugins::contract::{Model, Quota};
use crate::plugins::manifest::{DataUse, Manifest};

const HEAD: &str = "\
# Providers

<!-- Made by `cargo xtask plugins --docs` from the components themselves. Do not edit. -->

One row for each plugin that comes with the server: what it says of itself, what it changes in a request, and how many
of its golden cases passed when this page was made. Limits are the catalogue's; what a provider's replies tell wins
over them.

| id | tasks | credential | models | limits | quirks | cases passed |
|---|---|---|--:|---|---|--:|
";

/// One plugin.
pub struct Row {
    manifest: Manifest,
    quirks: Vec<String>,
    report: Option<Report>,
}

impl Row {
    /// With what its cases came to, if it has any.
    pub async fn new(stage: &Stage, report: Option<Report>) -> Self {
        Self {
            manifest: stage.manifest().clone(),
            quirks: quirks::of(stage).await,
            report,
        }
    }
}

/// The whole page.
#[must_use]
pub fn page(rows: &[Row]) -> String {
    let mut page = HEAD.to_owned();
    for row in rows {
        let _ = writeln!(page, "| {} |", row.cells().join(" | "));
    }
    for row in rows {
        page.push_str(&section(&row.manifest));
    }
    page
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let manifest = &self.manifest;
        let cases = self.report.as_ref().map_or_else(
            || "0".to_owned(),
            |report| match (report.passed(), report.verdicts.len()) {
                (passed, all) if passed == all => passed.to_string(),
                (passed, all) => format!("{passed} of {all}"),
            },
        );
        [
            format!("[{0}](#{0})", manifest.id),
            tasks(manifest),
            credential(manifest),
            manifest.models.len().to_string(),
            limits(manifest),
            cell(&self.quirks.join("; ")),
            cases,
        ]
    }
}

fn section(manifest: &Manifest) -> String {
    let mut out = format!("\n## {}\n\n", manifest.id);
    let _ = write!(out, "**{}**, version {}.", manifest.title, manifest.version);
    if !manifest.key_page.is_empty() {
        let _ = write!(out, " Keys: <{}>.", manifest.key_page);
    }
    if !manifest.terms_note.is_empty() {
        let _ = write!(out, " {}", manifest.terms_note);
    }
    match manifest.data_use {
        DataUse::Private => out.push_str(" Prompts are not trained on."),
        DataUse::Trains => out.push_str(" Prompts may be trained on."),
        DataUse::Unknown => {}
    }
    if !manifest.region.is_empty() {
        let _ = write!(out, " Served from {}.", manifest.region);
    }
    out.push('\n');
    if manifest.models.is_empty() {
        out.push_str("\nIts models are those that the server lists.\n");
        return out;
    }
    out.push_str("\n| model | context | longest answer | rank | traits | limits |\n|---|--:|--:|--:|---|---|\n");
    for model in &manifest.models {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            model.id,
            optional(model.context),
            optional(model.max_output),
            optional(model.rank.map(u64::from)),
            traits(model),
            told(&model.quotas),
        );
    }
    out
}

/// Traits, with operations other than chat before them.
fn traits(model: &Model) -> String {
    let others = model.operations.iter().filter(|word| *word != "chat");
    let words: Vec<&str> = others.chain(&model.traits).map(String::as_str).collect();
    words.join(" ")
}

fn tasks(manifest: &Manifest) -> String {
    let mut words: BTreeSet<&str> = manifest
        .models
        .iter()
        .flat_map(|model| model.operations.iter().map(String::as_str))
        .chain(manifest.canonical_replies.iter().map(String::as_str))
        .chain(manifest.reads_body.iter().map(String::as_str))
        .filter(|word| !["models", "key-check"].contains(word))
        .collect();
    if words.is_empty() {
        words.insert("chat");
    }
    words.into_iter().collect::<Vec<_>>().join(", ")
}

fn credential(manifest: &Manifest) -> String {
    let mut words: Vec<String> = manifest
        .credentials
        .iter()
        .map(|one| {
            let may = if one.optional || manifest.keyless {
                " (optional)"
            } else {
                ""
            };
            format!("{}{may}", one.label)
        })
        .collect();
    words.extend(manifest.settings.iter().map(|one| {
        let may = if one.optional || !one.default.is_empty() {
            " (optional)"
        } else {
            ""
        };
        format!("{}{may}", one.label)
    }));
    if manifest.user_base_url {
        words.push("address".to_owned());
    }
    if words.is_empty() {
        words.push("none".to_owned());
    }
    cell(&words.join(", "))
}

/// The limits of all models together, with the least and the most where they differ.
fn limits(manifest: &Manifest) -> String {
    let mut found: Vec<(String, u64, u64)> = Vec::new();
    let of_models = manifest.models.iter().flat_map(|model| &model.quotas);
    for quota in manifest.quotas.iter().chain(of_models) {
        let Some(limit) = quota.limit else { continue };
        let of = measure(quota);
        match found.iter_mut().find(|(known, ..)| *known == of) {
            Some((_, low, high)) => (*low, *high) = ((*low).min(limit), (*high).max(limit)),
            None => found.push((of, limit, limit)),
        }
    }
    let lines = found.into_iter().map(|(of, low, high)| {
        if low == high {
            format!("{} {of}", grouped(low))
        } else {
            format!("{} to {} {of}", grouped(low), grouped(high))
        }
    });
    lines.collect::<Vec<_>>().join(", ")
}

fn told(quotas: &[Quota]) -> String {
    let told = quotas
        .iter()
        .filter_map(|quota| Some(format!("{} {}", grouped(quota.limit?), measure(quota))));
    told.collect::<Vec<_>>().join(", ")
}

/// `requests a minute`, with whose they are where it is not the model's.
fn measure(quota: &Quota) -> String {
    let window = match quota.window_s {
        0 => " in all".to_owned(),
        1 => " a second".to_owned(),
        60 => " a minute".to_owned(),
        3_600 => " an hour".to_owned(),
        86_400 => " a day".to_owned(),
        days if days % 86_400 == 0 => format!(" in {} days", days / 86_400),
        seconds => format!(" in {seconds} s"),
    };
    let window = if quota.unit == "concurrent" {
        " at once"
    } else {
        &window
    };
    let unit = if quota.unit == "concurrent" {
        "requests"
    } else {
        &quota.unit
    };
    match quota.scope.as_str() {
        "" | "model" => format!("{unit}{window}"),
        scope => format!("{unit}{window} (by {scope})"),
    }
}

fn optional(number: Option<u64>) -> String {
    number.map(grouped).unwrap_or_default()
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Fit for one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(unit: &str, window_s: u64, scope: &str, limit: u64) -> Quota {
        Quota {
            unit: unit.into(),
            window_s,
            scope: scope.into(),
            anchor: String::new(),
            limit: Some(limit),
            remaining: None,
            reset_ms: None,
            extra: Vec::new(),
        }
    }

    #[test]
    fn limits_are_told_in_words() {
        let quotas = [
            quota("requests", 60, "model", 30),
            quota("tokens", 86_400, "account", 1_000_000),
            quota("concurrent", 0, "", 1),
            quota("requests", 30 * 86_400, "key", 1000),
        ];
        assert_eq!(
            told(&quotas),
            "30 requests a minute, 1,000,000 tokens a day (by account), 1 requests at once, 1,000 requests in 30 days (by \
             key)"
        );
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(131_072), "131,072");
    }
}
