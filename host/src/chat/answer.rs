//! A whole answer: right already, or mended.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::json::{Object, Options, Value, parse, parse_noting};

use super::{Broken, Seed, Usage, mend, tool_calls};

/// A whole answer in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The body: what came, without white space around it, if that was right.
    pub bytes: Cow<'a, [u8]>,
    /// What the upstream told of usage; `None`: see [`Answer::set_usage`].
    pub usage: Option<Usage>,
    /// Any choice holds something a client would show or act on.
    pub has_content: bool,
    /// Any choice calls a tool.
    pub tool_calls: bool,
    /// It is an error in a 2xx (a top-level `error`, or the finish reason `error`): `bytes` are as they
    /// came, to be classified.
    pub error: bool,
    /// The provider's own finish word tells of a failure; see [`super::End::native_error`].
    pub native_error: bool,
}

/// Reads a whole answer; `seed` fills in what it leaves out.
///
/// # Errors
/// See [`Broken`].
pub fn normalise<'a>(bytes: &'a [u8], seed: &Seed) -> Result<Answer<'a>, Broken> {
    let parsed =
        parse_noting(bytes, &Options::LENIENT).map_err(|error| Broken::of(bytes, error))?;
    let Value::Object(mut body) = parsed.value else {
        return Err(Broken::Shape("the body is no object"));
    };
    let mut answer = Answer {
        bytes: Cow::Borrowed(bytes.trim_ascii()),
        usage: mend::usage(&body),
        has_content: false,
        tool_calls: false,
        error: mend::error(&body),
        native_error: false,
    };
    if answer.error {
        return Ok(answer);
    }
    let mut changed = parsed.mended;
    let Some(Value::Array(choices)) = body.get_mut("choices") else {
        return Err(Broken::Shape("`choices` is missing"));
    };
    if choices.is_empty() {
        return Err(Broken::Shape("`choices` is empty"));
    }
    for (place, choice) in choices.iter_mut().enumerate() {
        let Value::Object(choice) = choice else {
            return Err(Broken::Shape("a choice is no object"));
        };
        changed |= answer.choice(choice, place, seed)?;
    }
    if answer.error {
        return Ok(answer);
    }
    if let Some(usage) = answer.usage {
        changed |= mend::counts(&mut body, usage);
    }
    changed |= mend::head(&mut body, "chat.completion", seed);
    if changed {
        answer.bytes = Cow::Owned(Value::Object(body).to_vec());
    }
    Ok(answer)
}

impl Answer<'_> {
    /// Puts a usage into the body in the place of what was told: an estimate, where nothing was.
    pub fn set_usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
        if let Ok(Value::Object(mut body)) = parse(&self.bytes, &Options::LENIENT) {
            body.insert("usage", usage.to_value());
            let bytes = Value::Object(body).to_vec();
            self.bytes = Cow::Owned(bytes);
        }
    }

    /// How much its choices say, bytes: texts, thoughts, and the arguments of calls. For an estimate of what an answer
    /// cost whose upstream does not tell.
    #[must_use]
    pub fn said(&self) -> u64 {
        let Ok(Value::Object(body)) = parse(&self.bytes, &Options::LENIENT) else {
            return 0;
        };
        let length = |value: Option<&Value<'_>>| {
            value
                .and_then(Value::as_str)
                .map_or(0, |text| text.len() as u64)
        };
        let choices = body.get("choices").and_then(Value::as_array);
        let messages = choices
            .into_iter()
            .flatten()
            .filter_map(|choice| choice.as_object()?.get("message")?.as_object());
        messages
            .map(|message| {
                let calls = message.get("tool_calls").and_then(Value::as_array);
                let calls = calls.into_iter().flatten().filter_map(|call| {
                    let function = call.as_object()?.get("function")?.as_object()?;
                    Some(length(function.get("name")) + length(function.get("arguments")))
                });
                length(message.get("content"))
                    + length(message.get("reasoning_content"))
                    + calls.sum::<u64>()
            })
            .sum()
    }

    fn choice(
        &mut self,
        choice: &mut Object<'_>,
        place: usize,
        seed: &Seed,
    ) -> Result<bool, Broken> {
        let (index, mut changed) = mend::choice_index(choice, place);
        if mend::absent(choice.get("message")) {
            choice.remove("message");
            changed |= choice.rename("delta", "message");
        }
        let Some(Value::Object(message)) = choice.get_mut("message") else {
            return Err(Broken::Shape("a choice has no message"));
        };
        changed |= mend::content(message);
        if message.get("role").and_then(Value::as_str).as_deref() != Some("assistant") {
            message.insert("role", Value::from("assistant"));
            changed = true;
        }
        if !message.contains_key("content") {
            message.insert("content", Value::Null);
            changed = true;
        }
        if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
            changed |= tool_calls::mend_whole(calls, index, seed);
        }
        let called = message
            .get("tool_calls")
            .and_then(Value::as_array)
            .is_some_and(|calls| !calls.is_empty());
        self.has_content |= mend::has_content(message);
        self.tool_calls |= mend::has_calls(message);
        let finish = mend::finish(choice, called);
        self.error |= finish.error;
        self.native_error |= finish.native_error;
        // A whole answer is over, whether or not its upstream said how.
        if mend::absent(choice.get("finish_reason")) {
            choice.insert(
                "finish_reason",
                Value::from(if called { "tool_calls" } else { "stop" }),
            );
            changed = true;
        }
        Ok(changed | finish.changed)
    }
}
