//! All tests of the running server, in one program.

mod admin;
mod basics;
mod bodies;
mod chat;
mod commands;
mod crash;
mod dashboard;
mod dialects;
mod faults;
mod gemini;
mod hostile;
mod hot;
mod limits;
mod nosy;
mod providers;
mod secrets;
mod settings;
mod stream;
mod streams_cut;
mod tools;
