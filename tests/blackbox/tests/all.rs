//! All tests of the running server, in one program.

mod admin;
mod anthropic;
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
mod keyless;
mod limits;
mod nosy;
mod played;
mod providers;
mod responses;
mod routing;
mod secrets;
mod settings;
mod stream;
mod streams_cut;
mod tasks;
mod tools;
