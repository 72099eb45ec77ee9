//! Tools that a client declares by a type alone, since Anthropic's models were taught them. The client runs some of
//! them itself; those become functions with the schema that is known. Anthropic's servers run the others.

use crate::json::{Object, Options, Value, parse};

/// Whose tool it is.
pub(super) enum Builtin {
    /// The client's: its description and its JSON Schema.
    Client(String, Value<'static>),
    /// Anthropic's.
    Hosted,
}

const BASH: &str = r#"{"type":"object","properties":{
"command":{"type":"string","description":"The command to run. Needed unless the shell is restarted."},
"restart":{"type":"boolean","description":"Start the shell anew."}}}"#;

const EDITOR: &str = r#"{"type":"object","properties":{
"command":{"type":"string","enum":["view","create","str_replace","insert"]},
"path":{"type":"string","description":"The file or folder."},
"file_text":{"type":"string","description":"For create: all of the file."},
"old_str":{"type":"string","description":"For str_replace: what is there now, exactly once."},
"new_str":{"type":"string","description":"For str_replace: what takes its place."},
"insert_line":{"type":"integer","description":"For insert: the line after which the text goes; 0 is the beginning."},
"insert_text":{"type":"string","description":"For insert: the text."},
"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line; -1 is the end."}},
"required":["command","path"]}"#;

/// Before August 2025: the text that is inserted is `new_str`, and an edit can be undone.
const OLD_EDITOR: &str = r#"{"type":"object","properties":{
"command":{"type":"string","enum":["view","create","str_replace","insert","undo_edit"]},
"path":{"type":"string","description":"The file or folder."},
"file_text":{"type":"string","description":"For create: all of the file."},
"old_str":{"type":"string","description":"For str_replace: what is there now, exactly once."},
"new_str":{"type":"string","description":"For str_replace and insert: the new text."},
"insert_line":{"type":"integer","description":"For insert: the line after which the text goes; 0 is the beginning."},
"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line; -1 is the end."}},
"required":["command","path"]}"#;

const COMPUTER: &str = r#"{"type":"object","properties":{
"action":{"type":"string","enum":["screenshot","left_click","right_click","middle_click","double_click","triple_click",
"left_mouse_down","left_mouse_up","left_click_drag","mouse_move","cursor_position","scroll","type","key","hold_key",
"wait","zoom"]},
"coordinate":{"type":"array","items":{"type":"integer"},"description":"Where, as [x, y] in pixels."},
"start_coordinate":{"type":"array","items":{"type":"integer"},"description":"For left_click_drag: from where."},
"text":{"type":"string","description":"For type: the text; for key and hold_key: the keys, as in ctrl+s."},
"scroll_direction":{"type":"string","enum":["up","down","left","right"]},
"scroll_amount":{"type":"integer"},
"duration":{"type":"number","description":"For hold_key and wait: seconds."},
"region":{"type":"array","items":{"type":"integer"},"description":"For zoom: [x0, y0, x1, y1]."}},
"required":["action"]}"#;

const MEMORY: &str = r#"{"type":"object","properties":{
"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},
"path":{"type":"string","description":"A path below /memories."},
"file_text":{"type":"string","description":"For create: all of the file."},
"old_str":{"type":"string"},"new_str":{"type":"string"},
"insert_line":{"type":"integer"},"insert_text":{"type":"string"},
"old_path":{"type":"string","description":"For rename."},"new_path":{"type":"string","description":"For rename."},
"view_range":{"type":"array","items":{"type":"integer"}}},
"required":["command"]}"#;

/// By the type's beginning: the date at its end says which version.
pub(super) fn of(kind: &str, tool: &Object<'_>) -> Builtin {
    let number = |name: &str| tool.get(name).and_then(Value::as_u64);
    let (description, schema) = if kind.starts_with("bash_") {
        (
            "Runs a command in a shell that stays open.".to_owned(),
            BASH,
        )
    } else if let Some(date) = kind.strip_prefix("text_editor_") {
        let schema = if date < "20250728" {
            OLD_EDITOR
        } else {
            EDITOR
        };
        ("Shows, makes and edits files.".to_owned(), schema)
    } else if kind.starts_with("memory_") {
        (
            "Keeps notes in files below /memories that last beyond this conversation.".to_owned(),
            MEMORY,
        )
    } else if kind.starts_with("computer_") {
        let mut description = "Works a computer by its screen, mouse and keyboard.".to_owned();
        if let (Some(width), Some(height)) =
            (number("display_width_px"), number("display_height_px"))
        {
            description.push_str(&format!(" The screen is {width} by {height} pixels."));
        }
        (description, COMPUTER)
    } else {
        return Builtin::Hosted;
    };
    match parse(schema.as_bytes(), &Options::STRICT) {
        Ok(schema) => Builtin::Client(description, schema),
        // They are literals, and a test reads them.
        Err(_) => Builtin::Hosted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_that_the_client_runs_have_a_schema_and_others_are_hosted() {
        let none = Object::new();
        for kind in [
            "bash_20250124",
            "text_editor_20241022",
            "text_editor_20250728",
            "computer_20250124",
            "memory_20250818",
        ] {
            let Builtin::Client(description, schema) = of(kind, &none) else {
                panic!("{kind}");
            };
            assert!(!description.is_empty());
            assert_eq!(schema.get("type").unwrap().as_str().unwrap(), "object");
        }
        for kind in ["web_search_20250305", "code_execution_20250825", "new_1"] {
            assert!(matches!(of(kind, &none), Builtin::Hosted), "{kind}");
        }
    }
}
