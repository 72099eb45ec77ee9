//! Notices of what changed.

use std::time::{Duration, Instant};

use blackbox::Setup;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::browser::Browser;
use crate::providers::GROQ;

/// How long a notice may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads until this text has come, or to the end without one; all that came.
async fn read(stream: &mut TcpStream, wanted: Option<&str>) -> String {
    let mut seen = String::new();
    let mut piece = [0; 4096];
    loop {
        if wanted.is_some_and(|wanted| seen.contains(wanted)) {
            return seen;
        }
        let read = timeout(PATIENCE, stream.read(&mut piece)).await;
        let read = read.unwrap_or_else(|_| panic!("{wanted:?} is not in {seen}"));
        match read.expect("a line that holds") {
            0 => return seen,
            length => seen.push_str(&String::from_utf8_lossy(&piece[..length])),
        }
    }
}

#[tokio::test]
async fn pages_hear_of_changes_and_do_not_hold_up_a_stop() {
    let mut server = Setup::bare().official(GROQ.id).start().await;
    let owner = Browser::set_up(&server).await;
    let mut stream = TcpStream::connect(server.client.address)
        .await
        .expect("a line");
    let request = format!(
        "GET /api/events HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n",
        server.client.address, owner.cookie
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let head = read(&mut stream, Some("listening")).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    // By another process, as the command line is.
    let command = GROQ.key(&GROQ.secret(80)).command();
    server.run(&command).await.printed();
    let heard = read(&mut stream, Some("\"keys\"")).await;
    assert!(
        heard.contains("event: changed\ndata: {\"what\":["),
        "{heard}"
    );
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "it was held up");
    let rest = read(&mut stream, None).await;
    assert!(rest.ends_with("0\r\n\r\n"), "an end in good form: {rest:?}");
}
