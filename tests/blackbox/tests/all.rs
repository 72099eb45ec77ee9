//! All tests of the running server, in one program.
