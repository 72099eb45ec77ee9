//! From a core module to a component.

use std::path::Path;

use wit_component::ComponentEncoder;

use crate::shell::cannot;

/// Wraps a core module, by the contract that its bindings left in it, into the file `component`.
///
/// Writes only what changed: the server rebuilds when a component is newer, and a running one swaps
/// the plugin. The file appears whole, because a server may be watching the folder.
pub(crate) fn wrap(module: &Path, component: &Path) -> Result<(), String> {
    let core = std::fs::read(module).map_err(cannot("read", module))?;
    let bytes = ComponentEncoder::default()
        .validate(true)
        .module(&core)
        .and_then(ComponentEncoder::encode)
        .map_err(|error| format!("cannot wrap {}: {error:#}", module.display()))?;
    let changed = std::fs::read(component).map_or(true, |old| old != bytes);
    if changed {
        if let Some(folder) = component.parent() {
            std::fs::create_dir_all(folder).map_err(cannot("make", folder))?;
        }
        let half = component.with_extension("tmp");
        std::fs::write(&half, &bytes).map_err(cannot("write", &half))?;
        std::fs::rename(&half, component).map_err(cannot("write", component))?;
    }
    println!(
        "{:>8} B  {}{}",
        bytes.len(),
        component.file_name().unwrap_or_default().display(),
        if changed { "" } else { " (unchanged)" }
    );
    Ok(())
}
