//! A multipart/form-data body (RFC 7578).

use bytes::Bytes;

use crate::gateway::exchange::{Upload, fresh_id};
use crate::plugins::contract::{Part, PartData};

/// The body and its content type. `Err`: a part names a file that was not uploaded.
pub(super) fn encode(parts: &[Part], uploads: &[Upload]) -> Result<(Bytes, String), u32> {
    // Random, so that no content can hold it but by a chance of 36^24.
    let boundary = format!("freellmapi-{}", fresh_id());
    let mut body = Vec::new();
    for part in parts {
        let upload = match &part.data {
            PartData::Bytes(_) => None,
            PartData::File(index) => Some(uploads.get(*index as usize).ok_or(*index)?),
        };
        let data: &[u8] = match (&part.data, upload) {
            (PartData::Bytes(bytes), _) => bytes,
            (PartData::File(_), Some(upload)) => &upload.data,
            (PartData::File(index), None) => return Err(*index),
        };
        let file_name = part
            .file_name
            .as_deref()
            .or(upload.and_then(|upload| upload.file_name.as_deref()));
        let media_type = part
            .media_type
            .as_deref()
            .or(upload.and_then(|upload| upload.media_type.as_deref()));
        body.extend_from_slice(
            format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"",
                quoted(&part.name)
            )
            .as_bytes(),
        );
        if let Some(name) = file_name {
            body.extend_from_slice(format!("; filename=\"{}\"", quoted(name)).as_bytes());
        }
        if let Some(media_type) = media_type {
            let line: String = media_type.chars().filter(|c| !c.is_control()).collect();
            body.extend_from_slice(format!("\r\ncontent-type: {line}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((
        body.into(),
        format!("multipart/form-data; boundary={boundary}"),
    ))
}

/// A name between quotes, as browsers escape it, so that none can end its line or its quotes.
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '"' => quoted.push_str("%22"),
            '\r' => quoted.push_str("%0D"),
            '\n' => quoted.push_str("%0A"),
            other => quoted.push(other),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, data: PartData) -> Part {
        Part {
            name: name.to_owned(),
            file_name: None,
            media_type: None,
            data,
        }
    }

    #[test]
    fn fields_and_files_stand_in_order_and_names_cannot_break_out() {
        let upload = Upload {
            field: "file".to_owned(),
            file_name: Some("a\"\r\nx: y.wav".to_owned()),
            media_type: Some("audio/wav\r\nx: y".to_owned()),
            data: Bytes::from_static(b"\0\r\n--RIFF"),
        };
        let parts = [
            part("model", PartData::Bytes(b"whisper".to_vec())),
            part("file", PartData::File(0)),
        ];
        let (body, media_type) = encode(&parts, &[upload]).unwrap();
        let boundary = media_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--{boundary}\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a%22%0D%0Ax: y.wav\"\r\n\
             content-type: audio/wavx: y\r\n\r\n\0\r\n--RIFF\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn a_file_that_was_not_uploaded_is_named() {
        assert_eq!(encode(&[part("file", PartData::File(2))], &[]), Err(2));
    }
}
