//! Which form of a file a client takes, by its `Accept-Encoding` (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// A form that files are kept in, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The smallest that the client takes. Weights only say yes or no here: a smaller form is never worse.
    pub(super) fn best(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        let takes = |word: &str| {
            let items = lines.iter().flat_map(|line| line.split(','));
            let weights = items.filter_map(weighed);
            let named = weights.filter(|(name, _)| name.eq_ignore_ascii_case(word));
            named.map(|(_, weight)| weight).next_back()
        };
        let takes = |word| takes(word).or_else(|| takes("*")).unwrap_or(false);
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

/// The name of an item, and whether its weight is above 0.
fn weighed(item: &str) -> Option<(&str, bool)> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
        .map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0));
    Some((name, weight > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_form_that_is_taken() {
        for (accepts, best) in [
            (&["gzip, deflate, br, zstd"][..], Encoding::Brotli),
            (&["gzip", "BR"], Encoding::Brotli),
            (&["br;q=0, gzip"], Encoding::Gzip),
            (&["br; q=0.000, gzip;q=0.5"], Encoding::Gzip),
            (&["br;q=much, gzip;q=0"], Encoding::Plain),
            (&["*"], Encoding::Brotli),
            (&["*, br;q=0"], Encoding::Gzip),
            (&["*;q=0"], Encoding::Plain),
            (&["identity"], Encoding::Plain),
            (&["brotli, xgzip"], Encoding::Plain),
            (&["", " , ;q=1"], Encoding::Plain),
            (&[], Encoding::Plain),
        ] {
            let mut headers = HeaderMap::new();
            for line in accepts {
                headers.append(header::ACCEPT_ENCODING, line.parse().unwrap());
            }
            assert_eq!(Encoding::best(&headers), best, "{accepts:?}");
        }
    }
}
