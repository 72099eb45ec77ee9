//! Wants something of the host: a component that imports is refused at load.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

#[allow(
    clippy::all,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
mod wants {
    wit_bindgen::generate!({
        inline: "
            package hostile:importer;
            interface socket { connect: func(host: string) -> u32; }
            world importer { import socket; }
        ",
    });
}

/// See the module.
pub struct Importer;

impl Adapter for Importer {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("importer")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        // The import stays in the module only if it is called.
        request.memo = wants::hostile::importer::socket::connect("evil.example").to_string();
        Ok(request)
    }
}

export!(Importer);
