//! Paths: their plainest form, and prefixes that end at a segment.

/// A path in its plainest form: what it says is what any server takes it for.
///
/// # Errors
/// Says what could be read in two ways.
pub(super) fn plain(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("does not begin with /");
    }
    if path.bytes().any(|byte| !(0x21..0x7f).contains(&byte)) {
        return Err(
            "holds a blank, a control character or a letter beyond ASCII that is not percent-encoded",
        );
    }
    if path.contains(['?', '#', '\\', ';', '{', '}', '"', '<', '>', '^', '`', '|']) {
        return Err("holds a character that some servers read as its end or its divider");
    }
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            None => return Err("holds a % that encodes nothing"),
            Some(b'/' | b'\\' | b'.' | b'%' | 0..0x20 | 0x7f) => {
                return Err("encodes a divider, a dot, a percent sign or a control character");
            }
            Some(_) => rest = &rest[at + 3..],
        }
    }
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        if segment == "." || segment == ".." {
            return Err("holds a dot segment");
        }
        if segment.is_empty() && segments.peek().is_some() {
            return Err("holds an empty segment");
        }
    }
    Ok(())
}

/// Whether `path` is `prefix` or lies below it, by whole segments.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Puts settings into the `{name}`s of a reach. `fits` says what may stand there.
///
/// # Errors
/// The setting that is missing or does not fit.
pub(super) fn fill(
    template: &str,
    settings: &[(String, String)],
    fits: impl Fn(&str) -> bool,
) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Err(after.to_owned());
        };
        let value = settings
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| fits(value));
        filled.push_str(value.ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether a value may be one label of a DNS name.
pub(super) fn is_label(value: &str) -> bool {
    (1..=63).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !value.starts_with('-')
        && !value.ends_with('-')
}

/// Whether a value may be one segment of a path as it is.
pub(super) fn is_segment(value: &str) -> bool {
    (1..=128).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
        && !value.bytes().all(|byte| byte == b'.')
}
