//! Settings below the environment: the settings file, then `.env` in the folder where the command runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::AppError;
use super::args;
use crate::config::apply_file;

/// The variable that is a secret and therefore no flag.
const ENCRYPTION_KEY: &str = "ENCRYPTION_KEY";

/// Values of variables that the environment does not hold.
pub(super) struct Layers(BTreeMap<String, String>);

impl Layers {
    /// Reads `.env` and the file that `--config` or `FREELLMAPI_CONFIG` names.
    pub(super) fn read() -> Result<Self, AppError> {
        let mut settings = BTreeMap::new();
        match dotenvy::from_path_iter(".env") {
            Ok(pairs) => {
                for pair in pairs {
                    let (name, value) =
                        pair.map_err(|_| AppError(".env: a line is not NAME=value".to_owned()))?;
                    settings.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(AppError(format!(".env: {error}"))),
        }
        if let Some(path) = config_file() {
            settings.extend(apply_file(&path, &variables()).map_err(AppError::of)?);
        }
        Ok(Self(settings))
    }

    /// Makes them the defaults of their flags, so that flags and environment win.
    pub(super) fn onto(&self, command: clap::Command) -> clap::Command {
        let mut command = command.mut_args(|arg| {
            let value = arg
                .get_env()
                .and_then(|variable| self.0.get(variable.to_str()?));
            match value {
                Some(value) => {
                    let value: &'static str = Box::leak(value.clone().into_boxed_str());
                    arg.default_value(value)
                }
                None => arg,
            }
        });
        let names: Vec<String> = command
            .get_subcommands()
            .map(|one| one.get_name().to_owned())
            .collect();
        for name in names {
            command = command.mut_subcommand(name, |one| self.onto(one));
        }
        command
    }

    /// `ENCRYPTION_KEY`, from the environment or `.env`.
    pub(super) fn encryption_key(&self) -> Option<String> {
        std::env::var(ENCRYPTION_KEY)
            .ok()
            .or_else(|| self.0.get(ENCRYPTION_KEY).cloned())
            .filter(|key| !key.is_empty())
    }
}

/// Before flags are parsed, since the file gives their defaults.
fn config_file() -> Option<PathBuf> {
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.to_str().and_then(|arg| arg.strip_prefix("--config=")) {
            return Some(path.into());
        }
    }
    std::env::var_os("FREELLMAPI_CONFIG").map(PathBuf::from)
}

/// The variables of all flags.
fn variables() -> Vec<String> {
    fn collect(command: &clap::Command, into: &mut Vec<String>) {
        let own = command
            .get_arguments()
            .filter_map(|arg| arg.get_env()?.to_str());
        into.extend(own.map(str::to_owned));
        for one in command.get_subcommands() {
            collect(one, into);
        }
    }
    let mut names = Vec::new();
    collect(&args::command(), &mut names);
    names
}
