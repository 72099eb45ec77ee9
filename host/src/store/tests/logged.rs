//! The request log and the queue before it.

use super::Home;
use crate::store::{RequestLog, RequestRecord, RequestSums};

fn record(n: i64) -> RequestRecord {
    RequestRecord {
        id: format!("req-{n}"),
        at_ms: n,
        status: 200,
        attempts: 1,
        ..RequestRecord::default()
    }
}

#[tokio::test]
async fn a_record_comes_back_whole_and_once() {
    let home = Home::new().await;
    let full = RequestRecord {
        id: "req-1".to_owned(),
        at_ms: 1,
        client_key: "client-1".to_owned(),
        requested_model: "auto".to_owned(),
        provider: "groq".to_owned(),
        model: "m".to_owned(),
        key_id: "key-1".to_owned(),
        status: 502,
        streamed: true,
        attempts: 3,
        trail: "groq/m=overloaded".to_owned(),
        input_tokens: Some(4),
        output_tokens: Some(5),
        first_content_ms: Some(6),
        total_ms: Some(7),
        error_kind: Some("overloaded".to_owned()),
        guest_us: 8,
        host_us: 9,
    };
    let again = RequestRecord {
        status: 200,
        ..full.clone()
    };
    assert_eq!(
        home.store
            .write_requests(&[full.clone(), again.clone(), record(2)])
            .await
            .unwrap(),
        2
    );
    assert_eq!(home.store.write_requests(&[again]).await.unwrap(), 0);
    assert_eq!(
        home.store.recent_requests(None, 9).await.unwrap(),
        [record(2), full]
    );
    assert_eq!(home.store.prune_requests(2).await.unwrap(), 1);
    assert_eq!(
        home.store.recent_requests(None, 9).await.unwrap(),
        [record(2)]
    );
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_summed() {
    let home = Home::new().await;
    let failed = RequestRecord {
        status: 503,
        ..record(3)
    };
    let counted = RequestRecord {
        input_tokens: Some(4),
        output_tokens: Some(5),
        ..record(2)
    };
    let all = [record(1), counted, failed];
    home.store.write_requests(&all).await.unwrap();
    let page = async |before: Option<&str>| -> Vec<String> {
        let page = home.store.recent_requests(before, 2).await.unwrap();
        page.into_iter().map(|record| record.id).collect()
    };
    assert_eq!(page(None).await, ["req-3", "req-2"]);
    assert_eq!(page(Some("req-2")).await, ["req-1"]);
    assert_eq!(page(Some("req-1")).await, [""; 0]);
    let sums = RequestSums {
        total: 2,
        succeeded: 1,
        input_tokens: 4,
        output_tokens: 5,
    };
    assert_eq!(home.store.sum_requests(2).await.unwrap(), sums);
    let none = home.store.sum_requests(4).await.unwrap();
    assert_eq!(none, RequestSums::default());
}

#[tokio::test]
async fn many_are_written_in_batches() {
    let home = Home::new().await;
    let (log, writer) = RequestLog::start(home.store.clone(), 1000);
    for n in 0..700 {
        log.record(record(n));
    }
    log.flush().await;
    assert_eq!(home.beside().await.count_requests().await.unwrap(), 700);
    log.record(record(700));
    log.clone().close().await;
    writer.await.unwrap();
    assert_eq!(
        (home.store.count_requests().await.unwrap(), log.dropped()),
        (701, 0)
    );
    log.record(record(701));
    log.flush().await;
    assert_eq!(
        (home.store.count_requests().await.unwrap(), log.dropped()),
        (701, 1)
    );
}

#[tokio::test]
async fn a_full_queue_drops_and_counts() {
    let home = Home::new().await;
    let (log, _writer) = RequestLog::start(home.store.clone(), 10);
    // One thread: the writer does not run before the first await.
    for n in 0..25 {
        log.record(record(n));
    }
    assert_eq!(log.dropped(), 15);
    log.flush().await;
    assert_eq!(home.store.count_requests().await.unwrap(), 10);
    log.record(record(100));
    log.flush().await;
    assert_eq!(
        (home.store.count_requests().await.unwrap(), log.dropped()),
        (11, 15)
    );
}

#[tokio::test]
async fn the_last_handle_gone_ends_the_writer_with_everything_written() {
    let home = Home::new().await;
    let (log, writer) = RequestLog::start(home.store.clone(), 10);
    log.record(record(1));
    drop(log);
    writer.await.unwrap();
    assert_eq!(home.store.count_requests().await.unwrap(), 1);
}

#[tokio::test]
async fn a_failing_database_costs_records_not_the_server() {
    let home = Home::new().await;
    home.meddle("DROP TABLE requests").await;
    let (log, writer) = RequestLog::start(home.store.clone(), 10);
    log.record(record(1));
    log.record(record(2));
    log.close().await;
    writer.await.unwrap();
    assert_eq!(log.dropped(), 2);
}
