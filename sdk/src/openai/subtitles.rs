//! Transcriptions in the forms that a client may ask for, where the provider knows only one.

use serde_json::{Value as Json, json};

use crate::{Answer, Failure, Reply, failure};

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// All of it.
    pub text: String,
    /// Its pieces, in order: begin and end in seconds, and what was said.
    pub pieces: Vec<(f64, f64, String)>,
}

impl Heard {
    /// Reads OpenAI's `verbose_json`.
    ///
    /// # Errors
    /// `malformed-reply` if it is none.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        let said: Json = serde_json::from_slice(body)
            .map_err(|_| failure::malformed("the transcription is no JSON"))?;
        let text = said["text"]
            .as_str()
            .ok_or_else(|| failure::malformed("the transcription holds no text"))?;
        let pieces = said["segments"].as_array().map_or(&[][..], Vec::as_slice);
        let piece = |piece: &Json| {
            Some((
                piece["start"].as_f64()?,
                piece["end"].as_f64()?,
                piece["text"].as_str()?.trim().to_owned(),
            ))
        };
        Ok(Self {
            text: text.to_owned(),
            pieces: pieces.iter().filter_map(piece).collect(),
        })
    }

    /// Reads the cues of a WebVTT file; `text` is what was said in all.
    #[must_use]
    pub fn of_vtt(text: &str, vtt: &str) -> Self {
        let mut pieces: Vec<(f64, f64, String)> = Vec::new();
        let mut open = false;
        for line in vtt.lines() {
            if let Some((begin, end)) = line.split_once("-->") {
                if let (Some(begin), Some(end)) = (seconds(begin), seconds(end)) {
                    pieces.push((begin, end, String::new()));
                    open = true;
                }
            } else if line.trim().is_empty() {
                open = false;
            } else if let Some((_, _, said)) = pieces.last_mut().filter(|_| open) {
                if !said.is_empty() {
                    said.push('\n');
                }
                said.push_str(line.trim());
            }
        }
        Self {
            text: text.to_owned(),
            pieces,
        }
    }

    /// In the form of `response_format`: `text`, `srt`, `vtt`, `verbose_json`; anything else is `json`.
    #[must_use]
    pub fn reply(&self, format: &str) -> Reply {
        let (media_type, text) = match format {
            "text" => (
                "text/plain; charset=utf-8",
                format!("{}\n", self.text.trim()),
            ),
            "srt" => ("text/plain; charset=utf-8", self.srt()),
            "vtt" => ("text/vtt; charset=utf-8", self.vtt()),
            "verbose_json" => return Reply::json(self.verbose().to_string().into_bytes(), None),
            _ => {
                let body = json!({"text": self.text});
                return Reply::json(body.to_string().into_bytes(), None);
            }
        };
        Reply {
            media_type: media_type.to_owned(),
            answer: Answer::Bytes(text.into_bytes()),
            ..Reply::keep()
        }
    }

    fn srt(&self) -> String {
        let cue = |(number, (begin, end, said)): (usize, &(f64, f64, String))| {
            format!(
                "{}\n{} --> {}\n{said}\n\n",
                number + 1,
                time(*begin, ','),
                time(*end, ',')
            )
        };
        self.pieces.iter().enumerate().map(cue).collect()
    }

    fn vtt(&self) -> String {
        let cue = |(begin, end, said): &(f64, f64, String)| {
            format!("{} --> {}\n{said}\n\n", time(*begin, '.'), time(*end, '.'))
        };
        format!(
            "WEBVTT\n\n{}",
            self.pieces.iter().map(cue).collect::<String>()
        )
    }

    fn verbose(&self) -> Json {
        let pieces = self.pieces.iter().enumerate();
        let pieces = pieces.map(
            |(id, (begin, end, said))| json!({"id": id, "start": begin, "end": end, "text": said}),
        );
        json!({
            "task": "transcribe",
            "duration": self.pieces.last().map_or(0.0, |(_, end, _)| *end),
            "text": self.text,
            "segments": pieces.collect::<Vec<_>>(),
        })
    }
}

/// `01:02:03.456`
fn time(seconds: f64, point: char) -> String {
    let all = (seconds.max(0.0) * 1000.0).round() as u64;
    let (hours, minutes) = (all / 3_600_000, all / 60_000 % 60);
    format!(
        "{hours:02}:{minutes:02}:{:02}{point}{:03}",
        all / 1000 % 60,
        all % 1000
    )
}

/// The same read, with or without hours; what stands behind it is left.
fn seconds(text: &str) -> Option<f64> {
    let clock = text.split_whitespace().next()?;
    clock.split(':').try_fold(0.0, |sum, part| {
        let part: f64 = part.replace(',', ".").parse().ok()?;
        Some(sum * 60.0 + part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERBOSE: &[u8] = br#"{"task":"transcribe","text":" Hello there. Bye.","segments":[
        {"id":0,"start":0.0,"end":2.5,"text":" Hello there."},{"id":1,"start":3661.25,"end":3662,"text":" Bye."}]}"#;

    const VTT: &str = "WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nHello there.\n\n01:01:01.250 --> 01:01:02.000\nBye.\n\n";

    fn shown(heard: &Heard, format: &str) -> String {
        match heard.reply(format).answer {
            Answer::Json(bytes) | Answer::Bytes(bytes) => {
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Answer::Keep => panic!("nothing to keep"),
        }
    }

    #[test]
    fn one_answer_is_shown_in_every_form() {
        let heard = Heard::read(VERBOSE).expect("a transcription");
        assert_eq!(shown(&heard, "vtt"), VTT);
        assert_eq!(
            shown(&heard, "srt"),
            "1\n00:00:00,000 --> 00:00:02,500\nHello there.\n\n2\n01:01:01,250 --> 01:01:02,000\nBye.\n\n"
        );
        assert_eq!(shown(&heard, "text"), "Hello there. Bye.\n");
        assert_eq!(shown(&heard, "json"), r#"{"text":" Hello there. Bye."}"#);
        assert!(shown(&heard, "verbose_json").contains(r#""duration":3662.0"#));
        assert_eq!(heard.reply("vtt").media_type, "text/vtt; charset=utf-8");
    }

    #[test]
    fn cues_are_read_back() {
        let heard = Heard::of_vtt("Hello there. Bye.", VTT);
        assert_eq!(shown(&heard, "vtt"), VTT);
        let short = "WEBVTT\n\nid\n00:01.5 --> 00:02.0 align:start\na\nb\n\nNOTE x\n";
        assert_eq!(
            Heard::of_vtt("", short).pieces,
            [(1.5, 2.0, "a\nb".to_owned())]
        );
        assert_eq!(Heard::of_vtt("t", "no cues").pieces, []);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "(WEBVTT\n)?([0-9:.,]{0,9} --> [0-9:.,a-z]{0,9}\n?|\\PC{0,9}\n){0,9}") {
            let heard = Heard::of_vtt(&text, &text);
            for format in ["json", "verbose_json", "text", "srt", "vtt"] {
                shown(&heard, format);
            }
            let _ = Heard::read(text.as_bytes());
        }
    }

    #[test]
    fn what_is_no_transcription_is_refused() {
        assert!(Heard::read(b"<html>").is_err() && Heard::read(b"{}").is_err());
    }
}
