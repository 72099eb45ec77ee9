//! Accessibility by axe, which is put into the page from a file.

use serde_json::{Value, json};

use crate::page::Page;

/// Checks the page; nothing without `AXE_JS`.
pub(crate) async fn check(page: &Page, name: &str) {
    let Some(path) = std::env::var_os("AXE_JS") else {
        return;
    };
    let loaded = page
        .script("return typeof window.axe === 'object'", json!([]))
        .await;
    if loaded != json!(true) {
        let axe = std::fs::read_to_string(&path).expect("AXE_JS names axe.min.js");
        page.script(&axe, json!([])).await;
    }
    let found = page
        .wait_for_script(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(
               (found) => done(found.violations), (error) => done(String(error)));",
            json!([]),
        )
        .await;
    let all = found.as_array().unwrap_or_else(|| panic!("axe: {found}"));
    let serious: Vec<String> = all.iter().filter(is_serious).map(told).collect();
    assert!(
        serious.is_empty(),
        "{name}: axe finds\n{}",
        serious.join("\n")
    );
}

fn is_serious(fault: &&Value) -> bool {
    matches!(fault["impact"].as_str(), Some("serious" | "critical"))
}

fn told(fault: &Value) -> String {
    let nodes = fault["nodes"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let nodes = nodes
        .iter()
        .map(|node| format!("{}\n    {}", node["html"], node["failureSummary"]));
    let nodes: Vec<String> = nodes.take(4).collect();
    format!(
        "- {}: {}\n  {}",
        fault["id"],
        fault["help"],
        nodes.join("\n  ")
    )
}
