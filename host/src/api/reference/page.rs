//! The document as one page. It is static: details open by the browser's own means.

use std::fmt::Write;

use crate::json::{Object, Value};

/// The page's own style, which its policy names by hash.
pub(super) const STYLE: &str = include_str!("page.css");

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Writes the page.
pub(super) fn write(document: &Value<'_>) -> String {
    let text = |at: &str| escaped(document.pointer(at));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>API of {title}</title><style>{STYLE}</style></head><body>\
         <header><h1>API of {title}</h1><p>{description}</p><p>Version {version}. For programs: <a \
         href=\"openapi.json\">openapi.json</a>.</p></header><main>",
        title = text("/info/title"),
        version = text("/info/version"),
        description = text("/info/description"),
    );
    let mut section = String::new();
    for (path, operations) in members(document.get("paths")) {
        for method in METHODS {
            let Some(operation) = operations.get(method) else {
                continue;
            };
            let tag = escaped(operation.pointer("/tags/0"));
            if tag != section {
                if !section.is_empty() {
                    page.push_str("</section>");
                }
                let _ = write!(page, "<section><h2>{tag}</h2>");
                section = tag;
            }
            write_operation(&mut page, path, method, operation);
        }
    }
    page.push_str("</section><section><h2>Shapes</h2>");
    for (name, schema) in members(document.pointer("/components/schemas")) {
        let name = escape(name);
        let _ = write!(page, "<article id=\"{name}\"><h3>{name}</h3>");
        write_schema(&mut page, schema);
        page.push_str("</article>");
    }
    page.push_str("</section></main></body></html>\n");
    page
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value<'_>) {
    let _ = write!(
        page,
        "<details id=\"{id}\"><summary><b class=\"{method}\">{method}</b> <code>{path}</code> \
         <span>{summary}</span></summary>",
        id = escaped(operation.get("operationId")),
        path = escape(path),
        summary = escaped(operation.get("summary")),
    );
    if let Some(text) = operation.get("description") {
        let _ = write!(page, "<p>{}</p>", escaped(Some(text)));
    }
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if let Some(parameters) = parameters {
        page.push_str("<h4>Parameters</h4><table>");
        for one in parameters {
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}, {}</td><td>{}</td></tr>",
                escaped(one.get("name")),
                escaped(one.get("in")),
                one.get("schema").map(kind).unwrap_or_default(),
                escaped(one.get("description")),
            );
        }
        page.push_str("</table>");
    }
    for (media_type, content) in members(operation.pointer("/requestBody/content")) {
        let _ = write!(page, "<h4>Body: {}</h4>", escape(media_type));
        if let Some(schema) = content.get("schema") {
            write_schema(page, schema);
        }
        if let Some(example) = content.get("example") {
            let example = String::from_utf8_lossy(&example.to_vec()).into_owned();
            let _ = write!(page, "<pre>{}</pre>", escape(&example));
        }
    }
    page.push_str("<h4>Answer</h4>");
    for (media_type, content) in members(operation.pointer("/responses/200/content")) {
        let _ = write!(page, "<p>{}</p>", escape(media_type));
        if let Some(schema) = content.get("schema") {
            write_schema(page, schema);
        }
    }
    page.push_str("</details>");
}

/// The members of an object as a table, or what else it is.
fn write_schema(page: &mut String, schema: &Value<'_>) {
    if let Some(text) = schema.get("description") {
        let _ = write!(page, "<p>{}</p>", escaped(Some(text)));
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        let _ = write!(page, "<p>{}</p>", kind(schema));
        return;
    };
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .unwrap_or_default();
    page.push_str("<table>");
    for (name, property) in properties.iter() {
        let needed = required
            .iter()
            .any(|one| one.as_str().is_some_and(|one| one == name));
        let _ = write!(
            page,
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
            escape(name),
            if needed { " <i>required</i>" } else { "" },
            kind(property),
            escaped(property.get("description")),
        );
    }
    page.push_str("</table>");
}

/// What a value may be, in a few words.
fn kind(schema: &Value<'_>) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = escape(name.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(list) = schema.get(word).and_then(Value::as_array) {
            return list.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        return list.iter().map(literal).collect::<Vec<_>>().join(", ");
    }
    if let Some(one) = schema.get("const") {
        return literal(one);
    }
    let mut words = match schema.get("type") {
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| escaped(Some(one)))
            .collect::<Vec<_>>()
            .join(" or "),
        one => escaped(one),
    };
    if let Some(items) = schema.get("items") {
        let _ = write!(words, " of {}", kind(items));
    }
    for (name, sign) in [("minimum", "\u{2265}"), ("maximum", "\u{2264}")] {
        if let Some(bound) = schema.get(name) {
            let _ = write!(words, " {sign} {}", literal(bound));
        }
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let inner: Vec<String> = properties
            .iter()
            .map(|(name, property)| format!("{}: {}", escape(name), kind(property)))
            .collect();
        let _ = write!(words, " {{{}}}", inner.join(", "));
    }
    words
}

fn literal(value: &Value<'_>) -> String {
    format!(
        "<code>{}</code>",
        escape(&String::from_utf8_lossy(&value.to_vec()))
    )
}

fn members<'a>(value: Option<&'a Value<'a>>) -> impl Iterator<Item = (&'a str, &'a Value<'a>)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Object::iter)
}

fn escaped(value: Option<&Value<'_>>) -> String {
    let text = value.and_then(Value::as_str);
    escape(&text.unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
