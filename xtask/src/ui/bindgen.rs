//! The JavaScript that a browser needs around the module, by the library behind wasm-bindgen's own command.

use wasm_bindgen_cli_support::Bindgen;

/// A module and its script.
pub(super) struct Made {
    pub(super) wasm: Vec<u8>,
    /// An ES module with the default export `__wbg_init`.
    pub(super) script: String,
    /// What dependencies bring of their own: the path by which the script imports it, and its text.
    pub(super) snippets: Vec<(String, String)>,
}

/// Makes them from what cargo built.
pub(super) fn run(wasm: &[u8]) -> Result<Made, String> {
    let told = |error: &dyn std::fmt::Display| format!("wasm-bindgen: {error}");
    let mut output = Bindgen::new()
        .input_bytes("app", wasm.to_vec())
        .web(true)
        .map_err(|error| told(&error))?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()
        .map_err(|error| told(&error))?;
    let mut snippets = Vec::new();
    for (name, texts) in output.snippets() {
        for (n, text) in texts.iter().enumerate() {
            snippets.push((format!("./snippets/{name}/inline{n}.js"), text.clone()));
        }
    }
    for (path, text) in output.local_modules() {
        snippets.push((format!("./snippets/{path}"), text.clone()));
    }
    // Many are of code that is not used.
    snippets.retain(|(path, _)| output.js().contains(path.as_str()));
    snippets.sort();
    Ok(Made {
        script: output.js().to_owned(),
        snippets,
        wasm: output.wasm_mut().emit_wasm(),
    })
}
