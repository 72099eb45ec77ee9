use proptest::prelude::*;

use super::*;

/// Cuts `text` as if it came in these pieces.
fn cut(framing: Framing, pieces: &[&[u8]]) -> (Vec<(String, String)>, Result<(), FrameError>) {
    let mut framer = Framer::new(framing, 1 << 20);
    let mut frames = Vec::new();
    let mut end = Ok(());
    for piece in pieces {
        end = end.and_then(|()| framer.push(piece, &mut frames));
    }
    end = end.and_then(|()| framer.finish(&mut frames));
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    (
        frames
            .iter()
            .map(|frame| (frame.name.clone(), text(&frame.data)))
            .collect(),
        end,
    )
}

/// Whole, split once at every byte, and byte by byte: always the same.
fn always(framing: Framing, text: &str) -> Vec<(String, String)> {
    let bytes = text.as_bytes();
    let (whole, end) = cut(framing, &[bytes]);
    assert_eq!(end, Ok(()), "{text:?}");
    for at in 0..=bytes.len() {
        let (first, second) = bytes.split_at(at);
        assert_eq!(cut(framing, &[first, second]).0, whole, "{text:?} at {at}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(cut(framing, &single).0, whole, "{text:?} byte by byte");
    whole
}

fn unnamed(data: &[&str]) -> Vec<(String, String)> {
    data.iter()
        .map(|data| (String::new(), (*data).to_owned()))
        .collect()
}

#[test]
fn server_sent_events() {
    for (text, data) in [
        ("data: a\n\ndata: b\n\n", &["a", "b"][..]),
        ("data:a\r\n\r\ndata:b\r\n\r\n", &["a", "b"]),
        ("data: a\r\rdata: b\r\r", &["a", "b"]),
        ("\u{feff}data: a\n\n", &["a"]),
        (
            ": comment\n\ndata: a\n\n: OPENROUTER PROCESSING\n\n",
            &["a"],
        ),
        ("data: one\ndata: two\n\n", &["one\ntwo"]),
        ("data:  two blanks\n\n", &[" two blanks"]),
        ("data: a", &["a"]),
        ("data: a\n", &["a"]),
        ("data\n\ndata:\n\n", &[]),
        (
            "id: 1\nretry: 5\ndata: {\"x\":\"é😀\"}\n\n",
            &["{\"x\":\"é😀\"}"],
        ),
        ("data: a: b\n\n\n\n\ndata: [DONE]\n\n", &["a: b", "[DONE]"]),
        ("datax: a\n\n data: b\n\n", &[]),
        ("", &[]),
    ] {
        assert_eq!(always(Framing::Sse, text), unnamed(data), "{text:?}");
    }
    let named = always(
        Framing::Sse,
        "event: ping\ndata: 1\n\nevent: x\n\ndata: 2\n\n",
    );
    assert_eq!(
        named,
        [("ping".into(), "1".into()), (String::new(), "2".into())]
    );
}

#[test]
fn json_lines() {
    for (text, data) in [
        ("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"][..]),
        ("{\"a\":1}\r\n\r\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]),
        ("\n\n", &[]),
        ("  {\"é\":1} \n", &["{\"é\":1}"]),
    ] {
        assert_eq!(always(Framing::Ndjson, text), unnamed(data), "{text:?}");
    }
}

#[test]
fn elements_of_an_array() {
    for (text, data) in [
        (
            "[{\"a\":[1,\"]\"]},\r\n{\"b\":\"\\\"}\"}]",
            &["{\"a\":[1,\"]\"]}", "{\"b\":\"\\\"}\"}"][..],
        ),
        ("[1, \"a,b\" ,[2]]", &["1", "\"a,b\"", "[2]"]),
        ("[]", &[]),
        (" [\n] ", &[]),
    ] {
        assert_eq!(always(Framing::JsonArray, text), unnamed(data), "{text:?}");
    }
    assert_eq!(
        cut(Framing::JsonArray, &[b"[{\"a\":1},{\"b\""]).1,
        Err(FrameError::Cut)
    );
    assert_eq!(
        cut(Framing::JsonArray, &[b"{\"a\":1}"]).1,
        Err(FrameError::NotAnArray)
    );
}

#[test]
fn events_are_bounded() {
    for framing in [Framing::Sse, Framing::Ndjson, Framing::JsonArray] {
        let mut framer = Framer::new(framing, 100);
        let mut frames = Vec::new();
        let start: &[u8] = if framing == Framing::JsonArray {
            b"[\""
        } else {
            b"data: "
        };
        framer.push(start, &mut frames).unwrap();
        let mut end = Ok(());
        for _ in 0..20 {
            end = end.and_then(|()| framer.push(b"0123456789", &mut frames));
        }
        assert_eq!(end, Err(FrameError::TooLong), "{framing:?}");
    }
    let mut framer = Framer::new(Framing::Sse, 100);
    let many = "data: 0123456789\n".repeat(20);
    assert_eq!(
        framer.push(many.as_bytes(), &mut Vec::new()),
        Err(FrameError::TooLong)
    );
}

#[test]
fn framings_are_chosen_by_word_then_by_type() {
    for (word, kind, framing) in [
        ("", Some("text/event-stream"), Framing::Sse),
        ("", Some("application/x-ndjson"), Framing::Ndjson),
        ("", Some("application/json"), Framing::JsonArray),
        ("", Some("audio/mpeg"), Framing::Raw),
        ("", None, Framing::Sse),
        ("ndjson", Some("text/event-stream"), Framing::Ndjson),
    ] {
        assert_eq!(Framing::choose(word, kind), Ok(framing));
    }
    assert!(Framing::choose("xml", None).is_err());
}

proptest! {
    /// Against the standard's own words, taken literally over the whole text.
    #[test]
    fn events_are_as_the_standard_says(text in "(data|event|id|:|x|[ab:]|\n|\r|\r\n| |é){0,60}") {
        let mut expected = Vec::new();
        let (mut name, mut data) = (String::new(), String::new());
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        for line in lines.split('\n').chain([""]) {
            if line.is_empty() {
                let whole = data.strip_suffix('\n').unwrap_or(&data);
                if !whole.is_empty() {
                    expected.push((name.clone(), whole.to_owned()));
                }
                (name, data) = (String::new(), String::new());
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => { data.push_str(value); data.push('\n'); }
                "event" => name = value.to_owned(),
                _ => {}
            }
        }
        prop_assert_eq!(always(Framing::Sse, &text), expected);
    }
}
