//! All tests of the running server, in one program.

mod basics;
mod bodies;
mod chat;
mod faults;
mod stream;
mod streams_cut;
