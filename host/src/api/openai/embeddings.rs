//! `POST /v1/embeddings`. Upstreams are asked for numbers; a client that wants base64 gets it from here.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn, wrong};
use crate::chat::request::CHARS_PER_TOKEN;
use crate::gateway::task::{Done, Task};
use crate::json::{Number, Object, Value, object};

/// OpenAI's bound of inputs in one request.
const MOST_INPUTS: usize = 2048;

/// Far above any model's vector.
const MOST_DIMENSIONS: u64 = 65_536;

/// Answers a request for embeddings. Failover stays inside one model family: vectors of two models do not compare.
pub async fn create(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    task::respond(&api, &client, Dialect::OpenAi, read(&body)).await
}

fn read(body: &[u8]) -> Result<(Task, Turn), Problem> {
    let mut members = task::members(body)?;
    let (items, chars) = survey(&members)?;
    task::word(&members, "encoding_format", &["float", "base64"])?;
    task::integer(&members, "dimensions", 1, MOST_DIMENSIONS)?;
    let base64 = members
        .get("encoding_format")
        .and_then(Value::as_str)
        .is_some_and(|format| format == "base64");
    members.insert("encoding_format", Value::from("float"));
    let task = task(members, items, chars);
    let model = task.model.clone();
    let turn = move |done: &Done| turn(done, items, base64, &model).map(Some);
    Ok((task, Box::new(turn)))
}

/// A task of a canonical request. `chars` are those of its texts.
pub(in crate::api) fn task(members: Object<'static>, items: usize, chars: usize) -> Task {
    Task {
        one_family: true,
        ..task::task("embeddings", members, items, chars)
    }
}

/// How many inputs there are, and how many characters they come to; a token counts as several.
pub(in crate::api) fn survey(members: &Object<'_>) -> Result<(usize, usize), Problem> {
    let shape = "`input` must be a text, a list of texts, a list of tokens, or a list of lists of tokens, none of them empty.";
    let per_token = usize::try_from(CHARS_PER_TOKEN).unwrap_or(4);
    let tokens = |list: &[Value<'_>]| list.iter().all(|token| token.as_u64().is_some());
    match members.get("input") {
        Some(Value::String(text)) if !text.is_empty() => Ok((1, text.chars())),
        Some(Value::Array(list)) if !list.is_empty() && tokens(list) => {
            Ok((1, list.len() * per_token))
        }
        Some(Value::Array(list)) if !list.is_empty() => {
            if list.len() > MOST_INPUTS {
                return Err(wrong(
                    "input",
                    format!(
                        "`input` has {} entries; send at most {MOST_INPUTS} at once.",
                        list.len()
                    ),
                ));
            }
            let mut chars = 0;
            for (at, one) in list.iter().enumerate() {
                chars += match one {
                    Value::String(text) if !text.is_empty() => text.chars(),
                    Value::Array(inner) if !inner.is_empty() && tokens(inner) => {
                        inner.len() * per_token
                    }
                    _ => return Err(wrong(format!("input[{at}]"), shape)),
                };
            }
            Ok((list.len(), chars))
        }
        _ => Err(wrong("input", shape)),
    }
}

/// The answer in OpenAI's shape, in the encoding that the client asked for.
fn turn(done: &Done, items: usize, base64: bool, model: &str) -> Result<Vec<u8>, String> {
    let answer = task::json(done)?;
    let vectors = in_order(&answer, items, base64)?;
    let entries = vectors.into_iter().zip(0_u64..).map(|(vector, index)| {
        object([
            ("object", "embedding".into()),
            ("index", index.into()),
            ("embedding", vector),
        ])
    });
    let input = done.usage.input.unwrap_or(0);
    let model = answer
        .get("model")
        .filter(|model| model.as_text().is_some_and(|text| !text.is_empty()))
        .cloned()
        .unwrap_or_else(|| Value::from(model.to_owned()));
    Ok(object([
        ("object", "list".into()),
        ("data", Value::Array(entries.collect())),
        ("model", model),
        (
            "usage",
            object([
                ("prompt_tokens", input.into()),
                ("total_tokens", input.into()),
            ]),
        ),
    ])
    .to_vec())
}

/// The vectors of an answer as numbers, for dialects with a shape of their own.
pub(in crate::api) fn vectors(done: &Done, items: usize) -> Result<Vec<Value<'static>>, String> {
    let answer = task::json(done)?;
    let vectors = in_order(&answer, items, false)?;
    Ok(vectors.into_iter().map(Value::into_owned).collect())
}

/// The vectors in the order of the inputs. One for each, all of one length.
fn in_order<'a>(
    answer: &'a Object<'a>,
    items: usize,
    base64: bool,
) -> Result<Vec<Value<'a>>, String> {
    let data = task::list(answer, "data")?;
    if data.len() != items {
        return Err(format!(
            "the provider gave {} vectors for {items} inputs",
            data.len()
        ));
    }
    let mut entries: Vec<(u64, Value<'_>)> = Vec::with_capacity(items);
    let mut length = None;
    for (place, one) in data.iter().enumerate() {
        let vector = one.get("embedding").ok_or("an entry has no `embedding`")?;
        let (vector, dimensions) = encoded(vector, base64)?;
        if *length.get_or_insert(dimensions) != dimensions || dimensions == 0 {
            return Err("the provider's vectors differ in length".to_owned());
        }
        let index = one.get("index").and_then(Value::as_u64);
        let index = index.unwrap_or(place as u64);
        entries.push((index, vector));
    }
    entries.sort_by_key(|(index, _)| *index);
    if entries
        .iter()
        .zip(0..)
        .any(|((index, _), place)| *index != place)
    {
        return Err("the provider's vectors are not numbered by input".to_owned());
    }
    Ok(entries.into_iter().map(|(_, vector)| vector).collect())
}

/// A vector in the encoding wanted, and its length. Upstreams that ignore `encoding_format` are understood too.
fn encoded<'a>(vector: &Value<'a>, base64: bool) -> Result<(Value<'a>, usize), String> {
    match vector {
        Value::Array(numbers) => {
            if !base64 {
                let real = numbers.iter().all(|number| number.as_f64().is_some());
                return if real {
                    Ok((vector.clone(), numbers.len()))
                } else {
                    Err(not_numbers())
                };
            }
            let mut bytes = Vec::with_capacity(numbers.len() * 4);
            for number in numbers {
                let number = number.as_f64().ok_or_else(not_numbers)?;
                #[expect(clippy::cast_possible_truncation, reason = "the format has 32 bits")]
                bytes.extend_from_slice(&(number as f32).to_le_bytes());
            }
            Ok((Value::from(STANDARD.encode(bytes)), numbers.len()))
        }
        Value::String(text) => {
            let bytes = STANDARD.decode(text.text().as_bytes());
            let bytes = bytes.map_err(|_| not_numbers())?;
            if bytes.len() % 4 != 0 {
                return Err(not_numbers());
            }
            let length = bytes.len() / 4;
            if base64 {
                return Ok((vector.clone(), length));
            }
            let number = |four: &[u8]| {
                let four = <[u8; 4]>::try_from(four).ok()?;
                Number::from_f64(f64::from(f32::from_le_bytes(four))).map(Value::Number)
            };
            let numbers: Option<Vec<_>> = bytes.chunks_exact(4).map(number).collect();
            Ok((Value::Array(numbers.ok_or_else(not_numbers)?), length))
        }
        _ => Err(not_numbers()),
    }
}

fn not_numbers() -> String {
    "the provider's vector holds something that is no number".to_owned()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::chat::Usage;
    use crate::gateway::Route;
    use crate::json::{Options, parse};

    fn done(body: &str) -> Done {
        Done {
            media_type: "application/json".to_owned(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            route: Route::default(),
            usage: Usage {
                input: Some(3),
                ..Usage::default()
            },
        }
    }

    fn survey_of(body: &str) -> Result<(usize, usize), Option<String>> {
        let body = parse(body.as_bytes(), &Options::STRICT).unwrap();
        survey(body.as_object().unwrap()).map_err(|problem| problem.param)
    }

    #[test]
    fn every_shape_of_input_is_counted() {
        let at = |param: &str| Err(Some(param.to_owned()));
        for (body, counted) in [
            (r#"{"input":"four"}"#, Ok((1, 4))),
            (r#"{"input":["a","bc"]}"#, Ok((2, 3))),
            (r#"{"input":[1,2,3]}"#, Ok((1, 12))),
            (r#"{"input":[[1,2],[3]]}"#, Ok((2, 12))),
            (r#"{"input":""}"#, at("input")),
            (r#"{"input":[]}"#, at("input")),
            (r#"{}"#, at("input")),
            (r#"{"input":["a",""]}"#, at("input[1]")),
            (r#"{"input":["a",1]}"#, at("input[1]")),
            (r#"{"input":[[1],[]]}"#, at("input[1]")),
            (r#"{"input":[1.5]}"#, at("input[0]")),
            (r#"{"input":{"text":"a"}}"#, at("input")),
        ] {
            assert_eq!(survey_of(body), counted, "{body}");
        }
    }

    #[test]
    fn both_encodings_are_made_of_both() {
        let numbers = r#"{"data":[{"index":1,"embedding":[0.5,-2]},{"index":0,"embedding":[1,0]}],"model":"m"}"#;
        let floats = turn(&done(numbers), 2, false, "x").unwrap();
        let read = parse(&floats, &Options::STRICT).unwrap();
        assert_eq!(
            read.pointer("/data/1/embedding/1").unwrap().as_f64(),
            Some(-2.0)
        );
        assert_eq!(
            read.pointer("/usage/total_tokens").unwrap().as_u64(),
            Some(3)
        );
        let encoded = turn(&done(numbers), 2, true, "x").unwrap();
        let read = parse(&encoded, &Options::STRICT).unwrap();
        assert_eq!(
            read.pointer("/data/1/embedding").unwrap().as_str().unwrap(),
            "AAAAPwAAAMA="
        );
        let again = turn(&done(std::str::from_utf8(&encoded).unwrap()), 2, false, "x").unwrap();
        assert_eq!(
            parse(&again, &Options::STRICT)
                .unwrap()
                .pointer("/data/1/embedding/0")
                .unwrap()
                .as_f64(),
            Some(0.5)
        );
    }

    #[test]
    fn an_answer_that_does_not_fit_its_inputs_is_refused() {
        for body in [
            r#"{"data":[{"embedding":[1]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]}"#,
            r#"{"data":[{"embedding":["a"]},{"embedding":[2]}]}"#,
            r#"{"data":[{"embedding":[]},{"embedding":[]}]}"#,
            r#"{"data":[{},{}]}"#,
            r#"[]"#,
            "<html>",
        ] {
            assert!(turn(&done(body), 2, false, "x").is_err(), "{body}");
        }
    }
}
