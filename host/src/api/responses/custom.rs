//! Custom tools take plain text. No provider but OpenAI has them: the model is given a function of one string, and what
//! it calls that with is unpacked again.

use crate::json::{Options, Value, object, parse};

/// The one parameter of the function that stands for a custom tool.
const INPUT: &str = "input";

/// The function's parameters.
pub(super) fn parameters() -> Value<'static> {
    let input = object([
        ("type", Value::from("string")),
        (
            "description",
            Value::from("The tool's whole input, as plain text."),
        ),
    ]);
    object([
        ("type", Value::from("object")),
        ("properties", object([(INPUT, input)])),
        ("required", Value::Array(vec![Value::from(INPUT)])),
        ("additionalProperties", Value::from(false)),
    ])
}

/// The function's description: the tool's own, and the grammar that its input must follow, which is asked for in words.
pub(super) fn description(tool: &Value<'_>) -> String {
    let text = |pointer: &str| {
        let value = tool.pointer(pointer).and_then(Value::as_str);
        value.map(std::borrow::Cow::into_owned).unwrap_or_default()
    };
    let mut description = text("/description");
    let (syntax, grammar) = (text("/format/syntax"), text("/format/definition"));
    if !grammar.is_empty() {
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        description.push_str("The input must follow this ");
        description.push_str(if syntax.is_empty() { "given" } else { &syntax });
        description.push_str(" grammar:\n");
        description.push_str(&grammar);
    }
    description
}

/// What the function is called with for this input, for history.
pub(super) fn pack(input: Value<'_>) -> String {
    String::from_utf8(object([(INPUT, input)]).to_vec()).unwrap_or_default()
}

/// The input in the arguments of a call. Models that do not follow the schema give another member's only string, or the
/// bare text.
pub(super) fn unpack(arguments: &str) -> String {
    match parse(arguments.as_bytes(), &Options::LENIENT) {
        Ok(Value::Object(members)) => {
            let mut values = members.iter().map(|(_, value)| value);
            let found = match members.get(INPUT) {
                Some(value) => Some(value),
                None if members.len() == 1 => values.next(),
                None => None,
            };
            match found {
                Some(Value::String(text)) => text.text().into_owned(),
                _ if members.is_empty() => String::new(),
                _ => arguments.to_owned(),
            }
        }
        Ok(Value::String(text)) => text.text().into_owned(),
        _ => arguments.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        for input in [
            "",
            "*** Begin Patch\n*** End \"Patch\"",
            "{\"input\":1}",
            "ü\\",
        ] {
            assert_eq!(unpack(&pack(Value::from(input.to_owned()))), input);
        }
    }

    #[test]
    fn models_that_miss_the_schema_are_understood() {
        for (arguments, input) in [
            (
                "*** Begin Patch\n*** End Patch",
                "*** Begin Patch\n*** End Patch",
            ),
            (r#"{"patch":"p"}"#, "p"),
            (r#""p""#, "p"),
            ("{}", ""),
            ("", ""),
            (r#"{"input":{"a":1}}"#, r#"{"input":{"a":1}}"#),
            (r#"{"a":"1","b":"2"}"#, r#"{"a":"1","b":"2"}"#),
            (r#"{"input":"half"#, r#"{"input":"half"#),
        ] {
            assert_eq!(unpack(arguments), input, "{arguments}");
        }
    }

    #[test]
    fn a_grammar_is_told_in_words() {
        let tool = br#"{"description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"start: /.+/s"}}"#;
        let tool = parse(tool, &Options::STRICT).unwrap();
        let description = description(&tool);
        assert_eq!(
            description,
            "Edits.\n\nThe input must follow this lark grammar:\nstart: /.+/s"
        );
    }
}
