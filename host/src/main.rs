//! The `freellmapi` command.

use std::process::ExitCode;

/// Many small buffers live as long as one request and on several threads: the system's allocator took an eighth of
/// a request's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    freellmapi::cli::main()
}
