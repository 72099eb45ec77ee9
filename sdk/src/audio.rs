//! Sound as bytes.

/// The rate of samples that a media type such as `audio/L16;codec=pcm;rate=24000` names, in hertz; 24,000 where it names
/// none.
#[must_use]
pub fn rate(media_type: &str) -> u32 {
    media_type
        .split(';')
        .filter_map(|part| part.trim().strip_prefix("rate="))
        .find_map(|rate| rate.trim().parse().ok())
        .unwrap_or(24_000)
}

/// Samples of 16 bits, one channel, little-endian, as a WAV file. What is too long for one is cut.
#[must_use]
pub fn wav(pcm: &[u8], rate: u32) -> Vec<u8> {
    const HEAD: u32 = 36;
    let length = u32::try_from(pcm.len())
        .unwrap_or(u32::MAX)
        .min(u32::MAX - HEAD)
        & !1;
    let mut file = Vec::with_capacity(pcm.len().saturating_add(44));
    file.extend(b"RIFF");
    file.extend((HEAD + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    // Plain samples, in one channel.
    file.extend(1u16.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.saturating_mul(2).to_le_bytes());
    file.extend(2u16.to_le_bytes());
    file.extend(16u16.to_le_bytes());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(pcm.iter().take(length as usize));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_where_it_is_told() {
        for (media_type, hertz) in [
            ("audio/L16;codec=pcm;rate=24000", 24_000),
            ("audio/L16; rate=16000", 16_000),
            ("audio/pcm", 24_000),
            ("audio/pcm;rate=fast", 24_000),
        ] {
            assert_eq!(rate(media_type), hertz);
        }
    }

    #[test]
    fn a_wav_file_says_how_long_it_is() {
        let file = wav(&[1, 2, 3, 4, 5], 8000);
        assert_eq!(file.len(), 48);
        assert_eq!(&file[..4], b"RIFF");
        assert_eq!(&file[4..8], &40u32.to_le_bytes());
        assert_eq!(&file[24..28], &8000u32.to_le_bytes());
        assert_eq!(&file[28..32], &16_000u32.to_le_bytes());
        assert_eq!(&file[40..], &[4, 0, 0, 0, 1, 2, 3, 4]);
    }
}
