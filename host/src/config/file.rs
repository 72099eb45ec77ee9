//! The settings file: flat TOML, whose keys are the names of the environment variables in lower case without
//! `FREELLMAPI_`. It becomes the environment of settings that have none, so that every command reads one source.

use std::collections::BTreeMap;
use std::path::Path;

/// Why a settings file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError(String);

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

/// Reads the file as (variable, value). `known` are the variables that settings have.
///
/// # Errors
/// Names the file and the line or the name that is wrong.
pub fn apply(path: &Path, known: &[String]) -> Result<BTreeMap<String, String>, FileError> {
    let at = |why: String| FileError(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| at(error.to_string()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| at(error.to_string()))?;
    let mut settings = BTreeMap::new();
    for (name, value) in table {
        let upper = name.to_uppercase().replace('-', "_");
        let variable = [format!("FREELLMAPI_{upper}"), upper]
            .into_iter()
            .find(|variable| known.contains(variable))
            .ok_or_else(|| {
                at(format!(
                    "there is no setting `{name}`; `freellmapi serve --help` lists them"
                ))
            })?;
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(truth) => truth.to_string(),
            _ => {
                return Err(at(format!(
                    "`{name}` must be a text, a whole number or true/false"
                )));
            }
        };
        settings.insert(variable, value);
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, String>, FileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        apply(
            &path,
            &["PORT".to_owned(), "FREELLMAPI_DATA_DIR".to_owned()],
        )
    }

    #[test]
    fn settings_become_variables() {
        let settings = read("port = 3001\ndata-dir = \"/var/lib/x\"\n").unwrap();
        assert_eq!(settings["PORT"], "3001");
        assert_eq!(settings["FREELLMAPI_DATA_DIR"], "/var/lib/x");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("prot = 1", "`prot`"),
            ("port = [1]", "`port`"),
            ("port", "settings.toml"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
