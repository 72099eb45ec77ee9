//! How many files and sockets a process may hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's soft limit of open files to its hard one, for servers started from now on too.
/// Tests that hold thousands of connections call it first.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it cannot be raised, the test that needs it tells by failing.
    let _ = setrlimit(Resource::Nofile, raised);
}
