//! The tree against tables and against `serde_json`.

use proptest::prelude::*;
use serde_json::Value as Reference;

use super::{
    Number, Options, ParseErrorKind as Kind, Pointer, PointerError, Text, Value, object, parse,
    parse_noting,
};

/// Any JSON, strings with every kind of character included.
pub(crate) fn any_json() -> impl Strategy<Value = Reference> {
    let leaf = prop_oneof![
        Just(Reference::Null),
        any::<bool>().prop_map(Reference::from),
        any::<i64>().prop_map(Reference::from),
        any::<u64>().prop_map(Reference::from),
        // Quarters: the reference does not read every float back as it wrote it.
        any::<i32>().prop_map(|quarters| Reference::from(f64::from(quarters) / 4.0)),
        any::<String>().prop_map(Reference::from),
        "[a-z \\\\\"\n\t\u{1}é🔥]{0,12}".prop_map(Reference::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Reference::from),
            prop::collection::hash_map(any_key(), inner, 0..6)
                .prop_map(|members| Reference::Object(members.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,6}", any::<String>()]
}

fn strict(text: &str) -> Value<'_> {
    parse(text.as_bytes(), &Options::STRICT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn lenient(text: &str) -> Value<'_> {
    parse(text.as_bytes(), &Options::LENIENT).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn written(value: &Value<'_>) -> String {
    String::from_utf8(value.to_vec()).expect("what is written is UTF-8")
}

/// The reference refuses numbers that no float holds; we keep their spelling.
fn too_large(read: &Result<Reference, serde_json::Error>) -> bool {
    read.as_ref()
        .is_err_and(|error| error.to_string().contains("out of range"))
}

#[test]
fn keeps_order_spelling_escapes_and_unknown_members() {
    for text in [
        r#"{"z":1,"a":2,"m":{"y":[],"b":{}}}"#,
        r#"[1.0,1e3,-0,0.10,12345678901234567890123,1E+2,-1.5e-7]"#,
        r#"["\u0041","\/","é","\ud83d\udd25","\b\f\n\r\t\"\\"]"#,
        r#"{"a\"b":1,"":null,"\n":true}"#,
    ] {
        let expected = text.replace(r"\u0041", "A").replace('A', r"\u0041");
        assert_eq!(written(&strict(text)), expected);
    }
    assert_eq!(
        written(&strict(" { \"a\" : [ 1 , 2 ] } \n")),
        r#"{"a":[1,2]}"#
    );
}

#[test]
fn refuses_what_is_no_json_and_says_where() {
    for (text, offset, kind) in [
        ("", 0, Kind::Empty),
        (" \n", 2, Kind::Empty),
        ("{", 1, Kind::UnexpectedEnd),
        ("[1,]", 3, Kind::Unexpected),
        ("{\"a\":1,}", 7, Kind::Unexpected),
        ("{'a':1}", 1, Kind::Unexpected),
        ("[1 2]", 3, Kind::Unexpected),
        ("01", 1, Kind::InvalidNumber),
        ("1.", 2, Kind::UnexpectedEnd),
        ("1.x", 2, Kind::InvalidNumber),
        ("-", 1, Kind::UnexpectedEnd),
        ("+1", 0, Kind::Unexpected),
        ("1e+", 3, Kind::UnexpectedEnd),
        ("\"a\nb\"", 2, Kind::ControlCharacter),
        (r#""\x""#, 1, Kind::InvalidEscape),
        (r#""\u12g4""#, 1, Kind::InvalidEscape),
        (r#""\u12"#, 1, Kind::UnexpectedEnd),
        ("tru", 3, Kind::UnexpectedEnd),
        ("trux", 3, Kind::Unexpected),
        ("NaN", 0, Kind::Unexpected),
        ("{}{}", 2, Kind::TrailingData),
        ("null x", 5, Kind::TrailingData),
        (r#"{"a":1,"b":2,"a":3}"#, 13, Kind::DuplicateKey("a".into())),
        (r#"{"a":1,"\u0061":3}"#, 7, Kind::DuplicateKey("a".into())),
    ] {
        let error = parse(text.as_bytes(), &Options::STRICT).expect_err(text);
        assert_eq!((error.offset, error.kind), (offset, kind), "{text}");
    }
    let error = parse(b"[\"ab\xff\"]", &Options::STRICT).expect_err("no UTF-8");
    assert_eq!(error.to_string(), "invalid UTF-8 at byte 4");
}

#[test]
fn finds_a_duplicate_among_many_members() {
    let mut text: String = (0..1000).map(|n| format!("\"k{n}\":{n},")).collect();
    text = format!("{{{text}\"k\\u0035\":-1}}");
    let error = parse(text.as_bytes(), &Options::STRICT).expect_err("k5 comes twice");
    assert_eq!(error.kind, Kind::DuplicateKey("k5".into()));
    let value = lenient(&text);
    assert_eq!(value.get("k5").and_then(Value::as_i64), Some(-1));
    assert_eq!(value.as_object().map(super::Object::len), Some(1000));
}

#[test]
fn stops_at_the_depth_limit() {
    for brackets in ["[", "{\"a\":"] {
        let deep = brackets.repeat(100_000);
        assert_eq!(
            parse(deep.as_bytes(), &Options::STRICT)
                .expect_err("deep")
                .kind,
            Kind::TooDeep
        );
    }
    let nest = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(strict(&nest(128)).depth(), 128);
    assert!(parse(nest(129).as_bytes(), &Options::STRICT).is_err());
    let shallow = Options {
        max_depth: 2,
        ..Options::STRICT
    };
    assert!(parse(nest(2).as_bytes(), &shallow).is_ok());
    assert!(parse(nest(3).as_bytes(), &shallow).is_err());
}

#[test]
fn skips_a_byte_order_mark() {
    let parsed = parse_noting(b"\xef\xbb\xbf {\"a\":1}", &Options::STRICT).expect("a BOM is legal");
    assert!(parsed.mended);
    assert_eq!(parsed.value.get("a").and_then(Value::as_u64), Some(1));
}

#[test]
fn fc_080_replaces_lone_surrogates_and_keeps_pairs() {
    for (text, expected, says) in [
        (
            r#""fire \ud83d... ok \ud83d\udd25""#,
            r#""fire \ufffd... ok \ud83d\udd25""#,
            "fire \u{fffd}... ok 🔥",
        ),
        (r#""\udd25\ud83d""#, r#""\ufffd\ufffd""#, "\u{fffd}\u{fffd}"),
        (
            r#""\ud83d\ud83d\udd25""#,
            r#""\ufffd\ud83d\udd25""#,
            "\u{fffd}🔥",
        ),
        (
            r#""\\ud83d \\\ud83d""#,
            r#""\\ud83d \\\ufffd""#,
            "\\ud83d \\\u{fffd}",
        ),
        (r#""\ud83d\n""#, r#""\ufffd\n""#, "\u{fffd}\n"),
    ] {
        let parsed = parse_noting(text.as_bytes(), &Options::STRICT).expect(text);
        assert!(parsed.mended);
        assert_eq!(written(&parsed.value), expected);
        assert_eq!(parsed.value.as_str().as_deref(), Some(says));
        assert!(serde_json::from_str::<String>(expected).is_ok());
    }
    let pair = parse_noting(br#""\ud83d\udd25""#, &Options::STRICT).expect("a pair");
    assert!(!pair.mended);
    // In a name too.
    assert_eq!(written(&strict(r#"{"\ud83d":1}"#)), "{\"\u{fffd}\":1}");
}

#[test]
fn fc_092_mends_what_upstreams_get_wrong() {
    for (text, expected) in [
        ("[NaN,Infinity,-Infinity]", "[null,null,-9999.0]"),
        (
            r#"{"logprob":-Infinity,"t":"NaN -Infinity"}"#,
            r#"{"logprob":-9999.0,"t":"NaN -Infinity"}"#,
        ),
        ("\"a\nb\tc\u{1}\\n\"", r#""a\nb\tc\u0001\n""#),
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
    ] {
        let parsed = parse_noting(text.as_bytes(), &Options::LENIENT).expect(text);
        assert!(parsed.mended, "{text}");
        assert_eq!(written(&parsed.value), expected);
    }
    for text in ["Nan", "Inf", "-Inf", "-x", "[1,]"] {
        assert!(parse(text.as_bytes(), &Options::LENIENT).is_err(), "{text}");
    }
}

#[test]
fn numbers_compare_by_value() {
    for (a, b, same) in [
        ("1", "1.0", true),
        ("1e2", "100", true),
        ("-0", "0", true),
        ("18446744073709551615", "18446744073709551614", false),
        ("9007199254740993", "9007199254740992", false),
        ("0.1", "0.10", true),
        ("1", "-1", false),
        ("1", "\"1\"", false),
    ] {
        assert_eq!(strict(a) == strict(b), same, "{a} {b}");
    }
    for (text, unsigned, signed) in [
        ("12", Some(12), Some(12)),
        ("12.0", Some(12), Some(12)),
        ("-3", None, Some(-3)),
        ("1.5", None, None),
        ("1e999", None, None),
        ("18446744073709551615", Some(u64::MAX), None),
    ] {
        assert_eq!(
            (strict(text).as_u64(), strict(text).as_i64()),
            (unsigned, signed),
            "{text}"
        );
    }
    let spelt = |value| Number::from_f64(value).map(|number| number.spelling().to_owned());
    assert_eq!(spelt(2.0).as_deref(), Some("2"));
    assert_eq!(spelt(0.1).as_deref(), Some("0.1"));
    assert_eq!(spelt(1e300).as_deref(), Some("1e300"));
    assert_eq!(spelt(f64::NAN), None);
}

#[test]
fn objects_keep_their_order_when_changed() {
    let mut value = strict(r#"{"a":1,"b":2,"c":3}"#);
    let members = value.as_object_mut().expect("an object");
    assert_eq!(
        members.insert("b", Value::from("x")),
        Some(Value::from(2_u64))
    );
    assert_eq!(members.insert("d", Value::Null), None);
    assert!(members.rename("a", "c"));
    assert!(!members.rename("nothing", "x"));
    assert_eq!(members.remove("nothing"), None);
    assert_eq!(written(&value), r#"{"c":1,"b":"x","d":null}"#);
    assert_eq!(
        value,
        object([
            ("d", Value::Null),
            ("b", Value::from("x")),
            ("c", Value::from(1_u64))
        ])
    );
}

#[test]
fn pointers_find_places() {
    let value = strict(r#"{"a":[{"b/c":1},{"~":2}],"":{"0":3}}"#);
    for (pointer, found) in [
        ("/a/0/b~1c", Some(1)),
        ("/a/1/~0", Some(2)),
        ("//0", Some(3)),
        ("/a/01", None),
        ("/a/-", None),
        ("a", None),
    ] {
        assert_eq!(
            value.pointer(pointer).and_then(Value::as_u64),
            found,
            "{pointer}"
        );
    }
    assert_eq!(value.pointer(""), Some(&value));
    assert_eq!(Pointer::parse("a"), Err(PointerError::NoSlash));
    assert_eq!(Pointer::parse("/~2"), Err(PointerError::BadEscape));
    assert_eq!(
        Pointer::parse(&"/a".repeat(129)),
        Err(PointerError::TooDeep)
    );
}

proptest! {
    #[test]
    fn reads_and_writes_as_the_reference_does(json in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
        let text = text.expect("the reference writes");
        let value = strict(&text);
        let again: Reference = serde_json::from_slice(&value.to_vec()).expect("what is written is JSON");
        prop_assert_eq!(&again, &json);
        prop_assert!(value == strict(&json.to_string()));
        prop_assert!(value == value.clone().into_owned());
    }

    #[test]
    fn equality_is_the_references(a in any_json(), b in any_json()) {
        let (left, right) = (a.to_string(), b.to_string());
        prop_assert_eq!(strict(&left) == strict(&right), a == b);
    }

    #[test]
    fn text_survives(text: String) {
        let string = Text::from_text(&text);
        prop_assert_eq!(string.text(), text.as_str());
        prop_assert_eq!(string.chars(), text.chars().count());
        let again: String = serde_json::from_slice(&Value::from(text.as_str()).to_vec()).expect("JSON");
        prop_assert_eq!(again, text);
    }

    #[test]
    fn escaped_text_is_read_as_the_reference_reads_it(raw in r#"(a|é|🔥|\\n|\\"|\\\\|\\/|\\u00e9|\\ud83d\\udd25|\\u0001){0,8}"#) {
        let text = format!("\"{raw}\"");
        let expected: String = serde_json::from_str(&text).expect("valid");
        let value = strict(&text);
        let says = value.as_str();
        prop_assert_eq!(says.as_deref(), Some(expected.as_str()));
        prop_assert_eq!(value.as_text().map(Text::chars), Some(expected.chars().count()));
        prop_assert_eq!(written(&value), text);
    }

    #[test]
    fn agrees_with_the_reference_on_what_is_json(text in r#"[\[\]{}:,"\\0-9.eE+\-a-fnrtu \n]{0,10}"#) {
        let ours = parse(text.as_bytes(), &Options { duplicates: super::Duplicates::KeepLast, ..Options::STRICT });
        let theirs = serde_json::from_str::<Reference>(&text);
        prop_assert!(ours.is_ok() == theirs.is_ok() || too_large(&theirs), "{:?} {:?}", ours, theirs);
    }

    #[test]
    fn cut_or_damaged_input_never_panics(json in any_json(), at: prop::sample::Index, byte: u8) {
        let mut text = json.to_string().into_bytes();
        let at = at.index(text.len());
        let whole = matches!(json, Reference::Number(_));
        prop_assert!(whole || parse(&text[..at], &Options::STRICT).is_err());
        text[at] = byte;
        let _either = parse(&text, &Options::STRICT);
        if let Ok(value) = parse(&text, &Options::LENIENT) {
            let read = serde_json::from_slice::<Reference>(&value.to_vec());
            prop_assert!(read.is_ok() || too_large(&read));
        }
    }
}

#[test]
fn every_cut_of_a_body_is_an_error() {
    let text = r#" {"a":[1.5e3,true,null,"\ud83d\udd25 é\n"],"b":{"c":-0}}"#;
    for end in 0..text.len() {
        for options in [Options::STRICT, Options::LENIENT] {
            assert!(parse(&text.as_bytes()[..end], &options).is_err(), "{end}");
        }
    }
}
