//! Connections of clients: accepted, served, and ended where a client neither sends nor reads.

mod patient;

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceExt};

use crate::lanes::Lanes;
use patient::Patient;

/// How long a client may take to send a request's head. Also how long an idle connection is kept.
const HEAD: Duration = Duration::from_secs(120);

/// How long a client may leave what it is sent unread: nobody streams so slowly, but a connection whose client is
/// gone without a word would otherwise hold its provider's for ever.
const UNREAD: Duration = Duration::from_secs(120);

/// How long requests that run may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// Serves on these lanes until `stop`, then lets running requests end.
pub(super) async fn serve(
    listener: TcpListener,
    lanes: &Lanes,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(HEAD));
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No descriptors left, as a rule: those that are closed meanwhile help.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Small events must not wait for one another.
        let _ = stream.set_nodelay(true);
        // Off this runtime, so that a lane can watch it.
        let Ok(stream) = stream.into_std() else {
            continue;
        };
        let builder = builder.clone();
        let watcher = graceful.watcher();
        let router = router.clone();
        let service =
            hyper::service::service_fn(move |mut request: Request<hyper::body::Incoming>| {
                let mut router = router.clone();
                request.extensions_mut().insert(ConnectInfo(peer));
                async move {
                    let ready = ServiceExt::<Request<Body>>::ready(&mut router).await?;
                    ready.call(request.map(Body::new)).await as Result<_, Infallible>
                }
            });
        lanes.spawn(async move {
            let stream = match TcpStream::from_std(stream) {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken over");
                    return;
                }
            };
            let io = TokioIo::new(Patient::new(stream, UNREAD));
            let connection = builder.serve_connection(io, service).into_owned();
            // Clients that leave are not worth a line.
            if let Err(error) = watcher.watch(connection).await {
                tracing::trace!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("requests were still running and are cut off"),
    }
}
