//! Built for WASI: calls somebody by itself.

use std::io::Write;
use std::net::TcpStream;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct Caller;

impl Adapter for Caller {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("caller")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        if let Ok(mut stream) = TcpStream::connect("evil.example:80") {
            let _ = stream.write_all(b"GET / HTTP/1.0\r\n\r\n");
        }
        hostile_plugins::plan(call)
    }
}

export!(Caller);
