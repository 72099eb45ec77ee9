//! The JavaScript that a browser needs around the module, by the library behind wasm-bindgen's own command.

use wasm_bindgen_cli_support::Bindgen;

/// A module and its script.
pub(super) struct Made {
    pub(super) wasm: Vec<u8>,
    /// An ES module with the default export `__wbg_init`.
    pub(super) script: String,
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
    if !output.snippets().is_empty() || !output.local_modules().is_empty() {
        return Err("a dependency of ui brings JavaScript of its own, which is not packed".into());
    }
    Ok(Made {
        script: output.js().to_owned(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}
