//! Limits of time that hold for one provider only.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Timeouts;

/// By the provider's name in lower case. See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderTimes(BTreeMap<String, Timeouts>);

impl ProviderTimes {
    /// `nvidia.first-content=300000,local.headers=900000`: PROVIDER.PART=MS, where PART is `headers`, `first-content` or
    /// `idle` and PROVIDER a plugin's id or an endpoint's name. What is not named is as in `usual`.
    ///
    /// # Errors
    /// Says which entry is wrong.
    pub fn parse(text: &str, usual: Timeouts) -> Result<Self, String> {
        let mut times: BTreeMap<String, Timeouts> = BTreeMap::new();
        let entries = text.split(',').map(str::trim);
        for entry in entries.filter(|entry| !entry.is_empty()) {
            let wrong = |why: &str| {
                format!(
                    "provider times: {entry:?} {why}; write PROVIDER.PART=MS, as groq.idle=20000"
                )
            };
            let (name, value) = entry.split_once('=').ok_or_else(|| wrong("has no `=`"))?;
            let (provider, part) = name.rsplit_once('.').ok_or_else(|| wrong("has no `.`"))?;
            let milliseconds = value.trim().parse().ok().filter(|ms| *ms > 0);
            let value =
                milliseconds.ok_or_else(|| wrong("has no number of milliseconds above 0"))?;
            let value = Duration::from_millis(value);
            let own = times.entry(provider.trim().to_lowercase()).or_insert(usual);
            match part.trim() {
                "headers" => own.headers = value,
                "first-content" => own.first_content = value,
                "idle" => own.idle = value,
                _ => return Err(wrong("names none of headers, first-content and idle")),
            }
        }
        Ok(Self(times))
    }

    /// Those of a provider, or the usual ones.
    #[must_use]
    pub fn of<'a>(&'a self, provider: &str, usual: &'a Timeouts) -> &'a Timeouts {
        if self.0.is_empty() {
            return usual;
        }
        self.0.get(&provider.to_lowercase()).unwrap_or(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_provider_differs_in_what_is_named() {
        let usual = Timeouts::default();
        let times = ProviderTimes::parse(
            " My.Box.idle=5, nvidia.first-content=7,nvidia.headers=9,",
            usual,
        );
        let times = times.unwrap();
        assert_eq!(times.of("my.box", &usual).idle, Duration::from_millis(5));
        let nvidia = times.of("nvidia", &usual);
        assert_eq!(nvidia.first_content, Duration::from_millis(7));
        assert_eq!(nvidia.headers, Duration::from_millis(9));
        assert_eq!(nvidia.idle, usual.idle);
        assert_eq!(times.of("groq", &usual), &usual);
        for (text, why) in [
            ("groq.idle", "has no `=`"),
            ("idle=5", "has no `.`"),
            ("groq.idle=0", "milliseconds"),
            ("groq.idle=soon", "milliseconds"),
            ("groq.total=5", "first-content"),
        ] {
            let error = ProviderTimes::parse(text, usual).unwrap_err();
            assert!(error.contains(why) && error.contains(text), "{error}");
        }
    }
}
