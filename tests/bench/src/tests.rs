//! The bench must not measure failures, nor count what is not there.

use std::time::Duration;

use mock_upstream::{Answer, Mock, Settings};

use crate::cells::{CELLS, Cell, EVENTS, WORDS};
use crate::client::Connection;
use crate::load::Load;
use crate::measure::percentile;

async fn upstream() -> Mock {
    let words = vec![" word".to_owned(); WORDS];
    let record = false;
    Mock::with(Settings {
        words,
        record,
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn every_cell_is_answered_again_and_again_on_one_connection() {
    let mock = upstream().await;
    for cell in CELLS.map(Cell::plain) {
        let request = cell.request(mock.address(), "key");
        let mut connection = Connection::open(mock.address()).await.expect("a port");
        for _ in 0..3 {
            let body = connection.ask(&request).await.expect("an answer");
            assert!(cell.accepts(body), "{}", cell.name);
        }
    }
    assert_eq!(mock.counters().requests, 3 * CELLS.len());
}

#[tokio::test]
async fn streams_have_the_events_that_their_name_says() {
    let mock = upstream().await;
    let cell = CELLS[5];
    let mut connection = Connection::open(mock.address()).await.expect("a port");
    let body = connection
        .ask(&cell.request(mock.address(), "key"))
        .await
        .expect("an answer");
    let text = std::str::from_utf8(body).expect("text");
    assert_eq!(text.matches("data: ").count(), EVENTS);
}

#[test]
fn bodies_are_json_of_about_the_size_their_name_says() {
    let anywhere = ([127, 0, 0, 1], 80).into();
    for cell in CELLS {
        let request = String::from_utf8(cell.request(anywhere, "key")).expect("text");
        let (_, body) = request.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str::<serde_json::Value>(body).expect("JSON");
        let size = if cell.name.contains("60k") {
            60_000
        } else {
            1_000
        };
        assert!(
            body.len().abs_diff(size) < size / 7,
            "{} has {}",
            cell.name,
            body.len()
        );
    }
}

#[tokio::test]
async fn replies_are_put_together_from_whatever_pieces_they_come_in() {
    let mock = upstream().await;
    let events = || Answer::sse(["one", "two"]).done();
    let _rule = mock.on("mock-model", events().every_byte());
    let cell = CELLS[5];
    let mut connection = Connection::open(mock.address()).await.expect("a port");
    for _ in 0..2 {
        let body = connection.ask(&cell.request(mock.address(), "key")).await;
        let body = body.expect("an answer");
        assert_eq!(
            String::from_utf8_lossy(body),
            "data: one\n\ndata: two\n\ndata: [DONE]\n\n"
        );
        assert!(!cell.accepts(body), "two events are not a hundred");
    }
}

#[tokio::test]
async fn load_on_a_failing_server_is_an_error_and_not_a_figure() {
    for (fault, cell) in [
        ("status-500", CELLS[0]),
        ("close", CELLS[0]),
        ("html-200", CELLS[0]),
        ("cut-stream", CELLS[5]),
        ("missing-done", CELLS[5]),
        ("empty-stream", CELLS[5]),
    ] {
        let mock = upstream().await;
        let answer = mock_upstream::fault(fault).expect("a fault of that name");
        let _rule = mock.on("mock-model", answer);
        let mut load = Load::open(cell, mock.address(), "key")
            .await
            .expect("a port");
        let round = load.run(Duration::from_secs(60)).await;
        assert!(round.is_err(), "{fault}");
    }
}

#[test]
fn percentiles_are_samples_by_nearest_rank() {
    let all: Vec<_> = (1..=200).map(Duration::from_micros).collect();
    for (count, percent, expected) in [
        (200, 50, 100),
        (200, 99, 198),
        (200, 100, 200),
        (1, 50, 1),
        (1, 99, 1),
        (3, 50, 2),
        (0, 50, 0),
    ] {
        let found = percentile(&all[..count], percent);
        assert_eq!(found, Duration::from_micros(expected), "{count} {percent}");
    }
}
