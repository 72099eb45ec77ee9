//! What Groq's 429 says in prose, which its headers do not: the limits of a day's tokens.

use freellmapi_sdk::{Quota, Scope};

/// Reads `… on tokens per day (TPD): Limit 100000, Used 99950, Requested 1200.` as what is left of which meter.
pub(crate) fn told(message: &str) -> Option<Quota> {
    let (unit, window_s) = [
        ("(TPM)", "tokens", 60),
        ("(TPD)", "tokens", 86_400),
        ("(RPM)", "requests", 60),
        ("(RPD)", "requests", 86_400),
    ]
    .into_iter()
    .find_map(|(word, unit, window)| message.contains(word).then_some((unit, window)))?;
    let limit = after(message, "Limit ")?;
    let mut quota = Scope::MODEL.limit(unit, window_s, limit);
    quota.remaining = after(message, "Used ").map(|used| limit.saturating_sub(used));
    Some(quota)
}

/// Takes the organisation's id out: it is nobody's business beyond the account.
pub(crate) fn without_organisation(message: &str) -> String {
    const LEAD: &str = " in organization `";
    let Some(from) = message.find(LEAD) else {
        return message.to_owned();
    };
    let rest = &message[from + LEAD.len()..];
    let rest = rest.split_once('`').map_or("", |(_, rest)| rest);
    format!("{}{rest}", &message[..from])
}

fn after(message: &str, lead: &str) -> Option<u64> {
    let rest = &message[message.find(lead)? + lead.len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}
