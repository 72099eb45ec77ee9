//! Sums over the request log.

use super::Home;
use crate::store::RequestRecord;

const HOUR_MS: i64 = 3_600_000;

fn record(id: &str, at_ms: i64, provider: &str, status: i64, total_ms: i64) -> RequestRecord {
    RequestRecord {
        id: id.to_owned(),
        at_ms,
        provider: provider.to_owned(),
        model: "m".to_owned(),
        status,
        input_tokens: Some(10),
        output_tokens: (status == 200).then_some(3),
        total_ms: Some(total_ms),
        ..RequestRecord::default()
    }
}

#[tokio::test]
async fn sums_are_by_step_provider_and_model_and_leave_out_what_came_before() {
    let home = Home::new().await;
    let records = [
        record("a", HOUR_MS - 1, "groq", 200, 999),
        record("b", HOUR_MS, "groq", 200, 100),
        record("c", HOUR_MS + 5, "groq", 200, 301),
        record("d", 3 * HOUR_MS, "groq", 503, 9_000),
        record("e", 3 * HOUR_MS, "mistral", 200, 50),
        record("f", 3 * HOUR_MS, "", 404, 1),
    ];
    home.store.write_requests(&records).await.unwrap();
    let steps = home.store.sums_by_step(HOUR_MS, HOUR_MS).await.unwrap();
    let counts: Vec<_> = steps
        .iter()
        .map(|(n, figures)| (*n, figures.requests, figures.succeeded, figures.total_ms))
        .collect();
    assert_eq!(counts, [(1, 2, 2, Some(201)), (3, 3, 1, Some(50))]);
    let providers = home.store.sums_by_provider(HOUR_MS).await.unwrap();
    let groq = &providers[0];
    assert_eq!((groq.0.as_str(), groq.1.requests), ("groq", 3));
    assert_eq!((groq.1.input_tokens, groq.1.output_tokens), (30, 6));
    assert_eq!(groq.1.first_content_ms, None);
    let models = home.store.sums_by_model(HOUR_MS).await.unwrap();
    let names: Vec<&str> = models.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["groq/m", "", "mistral/m"]);
    for (percent, time) in [(1, 50), (50, 100), (95, 301), (100, 301)] {
        let got = home.store.time_percentile(HOUR_MS, percent).await.unwrap();
        assert_eq!(got, Some(time), "{percent}");
    }
    let none = home.store.time_percentile(9 * HOUR_MS, 50).await.unwrap();
    assert_eq!(none, None);
}
