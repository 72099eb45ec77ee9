//! `freellmapi plugin`: what is installed, whether a file is sound, and what it may do.

mod cases;
mod index;
mod place;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::AppError;
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::manage::plugins;
use crate::plugins::component::sha256_hex;
use crate::plugins::engine::{Engine, Limits};
use crate::plugins::index::PublicKey;
use crate::plugins::plugin::Loaded;
use crate::plugins::registry::{Plugins, Report, Status};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every plugin that is there, with what became of it.
    List {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Say whether a component would load, and what it asks for.
    Check {
        /// A `.wasm` file.
        file: PathBuf,
    },
    /// Hold a component against its golden cases, in the real sandbox and with no network.
    Test {
        /// A plugin's folder (with its component in or beside it), or a `.wasm` file.
        path: PathBuf,
        /// The folder of cases [default: `cases` in the plugin's folder, which for a file has the file's name].
        #[arg(long, value_name = "DIR")]
        cases: Option<PathBuf>,
        /// Only cases whose name holds this.
        #[arg(long, value_name = "PART")]
        case: Option<String>,
        /// Write down what was seen where a case does not say yet what must come of it.
        #[arg(long)]
        bless: bool,
    },
    /// Write the page of all components in a folder, `docs/providers.md`, to standard output.
    #[command(hide = true)]
    Docs {
        /// Holds NAME.wasm and NAME/cases.
        folder: PathBuf,
    },
    #[command(flatten)]
    Index(index::Command),
    /// Put a component into the plugins folder, if it loads, and let it do what it asks for, which is shown first. An
    /// official plugin that was removed comes back by its id.
    Install {
        /// A `.wasm` file, or the id of an official plugin.
        what: PathBuf,
        /// Only if this registry's index has the file.
        #[arg(long, value_name = "FILE", requires = "key")]
        index: Option<PathBuf>,
        /// The public key that must have signed the index, 64 hexadecimal digits.
        #[arg(long, value_name = "KEY", requires = "index")]
        key: Option<PublicKey>,
        /// Grant what it asks for without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Take a plugin away: its files in the plugins folder, and the official one if there is one of that id.
    Remove {
        /// The plugin's id.
        id: String,
    },
    /// Let a plugin do what it asks for, which is shown first.
    Grant {
        /// The plugin's id.
        id: String,
        /// Without asking.
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(
    base: Base,
    settings: &ShopSettings,
    command: Command,
) -> Result<(), AppError> {
    match command {
        command @ (Command::Check { .. }
        | Command::Test { .. }
        | Command::Docs { .. }
        | Command::Index(_)) => alone(&command).await.unwrap_or(Ok(())),
        Command::List { json } => {
            let shop = Shop::open(base, settings).await?;
            list(&shop, json);
            Ok(())
        }
        Command::Install {
            what,
            index,
            key,
            yes,
        } => {
            let from = index.as_deref().zip(key);
            let component = place::component(&what, from)?;
            let shop = Shop::open(base, settings).await?;
            place::install(&shop, &what, component, yes).await
        }
        Command::Remove { id } => {
            let shop = Shop::open(base, settings).await?;
            place::remove(&shop, &id).await
        }
        Command::Grant { id, yes } => {
            let shop = Shop::open(base, settings).await?;
            grant(&shop, &id, yes).await
        }
    }
}

/// Runs a command that needs neither database nor server; `None`: it is none of these.
pub(super) async fn alone(command: &Command) -> Option<Result<(), AppError>> {
    match command {
        Command::Check { file } => Some(check(file)),
        Command::Test {
            path,
            cases,
            case,
            bless,
        } => Some(cases::test(path, cases.as_deref(), case.as_deref(), *bless).await),
        Command::Docs { folder } => Some(cases::document(folder).await),
        Command::Index(command) => Some(index::run(command)),
        Command::List { .. }
        | Command::Install { .. }
        | Command::Remove { .. }
        | Command::Grant { .. } => None,
    }
}

fn check(file: &Path) -> Result<(), AppError> {
    let bytes =
        std::fs::read(file).map_err(|error| AppError(format!("{}: {error}", file.display())))?;
    let engine = Engine::new(Limits::default()).map_err(AppError::of)?;
    let loaded = Loaded::new(&engine, None, sha256_hex(&bytes), &bytes)
        .map_err(|error| AppError(format!("{}: {error}", file.display())))?;
    let manifest = &loaded.manifest;
    line(&format!(
        "{} {} ({})",
        manifest.id, manifest.version, manifest.title
    ));
    line(&format!("sha256 {}", loaded.sha256()));
    line(&format!("class {}", loaded.class().as_str()));
    for wish in manifest.asks.describe() {
        line(&format!("  asks: {wish}"));
    }
    for one in &manifest.credentials {
        let may = if one.optional { "may have" } else { "needs" };
        let form = form(one.pattern.as_ref());
        line(&format!("  {may}: the credential {}{form}", one.name));
    }
    for one in &manifest.settings {
        let needed = !one.optional && one.default.is_empty();
        let may = if needed { "needs" } else { "may have" };
        let form = form(one.pattern.as_ref());
        line(&format!("  {may}: the setting {}{form}", one.name));
    }
    if !manifest.terms_note.is_empty() {
        line(&format!("terms: {}", manifest.terms_note));
    }
    line(&format!(
        "{} models in its catalogue",
        manifest.models.len()
    ));
    line("it loads");
    Ok(())
}

/// The pattern as the plugin's author wrote it.
fn form(pattern: Option<&regex::Regex>) -> String {
    let written = pattern.map(|pattern| {
        let text = pattern.as_str();
        text.strip_prefix("^(?:")
            .and_then(|text| text.strip_suffix(")$"))
            .unwrap_or(text)
    });
    written.map_or_else(String::new, |text| format!(", which matches {text}"))
}

fn list(shop: &Shop, json: bool) {
    let plugins = shop.registry.current();
    if json {
        let list: Vec<serde_json::Value> = plugins
            .reports
            .iter()
            .map(|report| as_json(&plugins, report))
            .collect();
        line(&serde_json::Value::Array(list).to_string());
        return;
    }
    // The same bytes in two places are one plugin to a person.
    let twin = |report: &Report| {
        report.status == Status::Shadowed
            && plugins
                .reports
                .iter()
                .any(|other| other.status == Status::Serving && other.sha256 == report.sha256)
    };
    let rows: Vec<Vec<String>> = plugins
        .reports
        .iter()
        .filter(|report| !twin(report))
        .map(|report| {
            vec![
                report.id.clone().unwrap_or_else(|| "?".to_owned()),
                report.version.clone(),
                report.source.as_str().to_owned(),
                class(&plugins, report).to_owned(),
                report.file.clone(),
                status(report),
            ]
        })
        .collect();
    table(
        &["ID", "VERSION", "SOURCE", "CLASS", "FILE", "STATE"],
        &rows,
    );
}

fn status(report: &Report) -> String {
    match &report.status {
        Status::Serving => "serving".to_owned(),
        Status::Shadowed => "another source comes first".to_owned(),
        Status::Disabled => "switched off".to_owned(),
        Status::Refused(why) => format!("refused: {why}"),
        Status::NeedsConsent(wishes) => format!(
            "needs consent (`freellmapi plugin grant {}`): {}",
            report.id.as_deref().unwrap_or("?"),
            wishes.join("; ")
        ),
    }
}

/// What the component imports; empty where it does not load.
fn class(plugins: &Plugins, report: &Report) -> &'static str {
    let manifest = plugins.manifest(&report.sha256);
    manifest.map_or("", |manifest| manifest.class().as_str())
}

fn as_json(plugins: &Plugins, report: &Report) -> serde_json::Value {
    let (word, wishes, error) = match &report.status {
        Status::Serving => ("serving", &[][..], None),
        Status::Shadowed => ("shadowed", &[][..], None),
        Status::Disabled => ("disabled", &[][..], None),
        Status::NeedsConsent(wishes) => ("needs-consent", wishes.as_slice(), None),
        Status::Refused(why) => ("refused", &[][..], Some(why)),
    };
    serde_json::json!({
        "id": report.id,
        "title": report.title,
        "version": report.version,
        "source": report.source.as_str(),
        "class": class(plugins, report),
        "file": report.file,
        "sha256": report.sha256,
        "status": word,
        "asks": wishes,
        "error": error,
    })
}

async fn grant(shop: &Shop, id: &str, yes: bool) -> Result<(), AppError> {
    let current = shop.registry.current();
    let Some(report) = plugins::waiting(&current, id) else {
        return match current.get(id) {
            Some(_) => {
                line(&format!("`{id}` serves already and asks for nothing more"));
                Ok(())
            }
            None => Err(AppError(format!(
                "there is no plugin `{id}`; see `freellmapi plugin list`"
            ))),
        };
    };
    let asks = plugins::wishes(&current, report).map_err(AppError::of)?;
    line(&format!(
        "{} {} ({}) asks for:",
        id, report.version, report.title
    ));
    for wish in asks.describe() {
        line(&format!("  {wish}"));
    }
    if !yes && !confirmed()? {
        return Err(AppError("nothing was granted".to_owned()));
    }
    let (store, now_ms) = (&shop.base.store, shop.clock.now_ms());
    plugins::grant(&shop.registry, store, id, &report.sha256, now_ms)
        .await
        .map_err(AppError::of)?;
    line("granted");
    Ok(())
}

fn confirmed() -> Result<bool, AppError> {
    if !std::io::stdin().is_terminal() {
        return Err(AppError(
            "nobody is there to ask; add --yes to grant this".to_owned(),
        ));
    }
    complain("Grant this? [y/N]");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(AppError::of)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
