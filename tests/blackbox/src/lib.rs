//! Runs the server's binary as its users do, and talks to it as its clients do.
//!
//! A test starts mock upstreams, lays out a [`Server`] with the endpoints, keys and plugins it needs
//! and talks to it through its methods. Everything a server keeps lies in a temporary folder that goes with
//! it; a server that outlives its test's panic is killed by its process id. What has no event to wait for
//! (another process noticing something) is asked again and again until [`until`]'s deadline.
//!
//! Nothing here links the server: it is found as a file, see [`paths`].

mod cli;
mod client;
mod events;
mod gzip;
mod limit;
pub mod paths;
mod server;
mod setup;
mod wait;
mod wasm;

pub use cli::Ran;
pub use client::{Client, Reply, Request, Streamed};
pub use events::{Event, Events};
pub use gzip::{gzip, gzip_bomb};
pub use limit::raise_file_limit;
pub use server::Server;
pub use setup::{Endpoint, Key, Setup};
pub use wait::{PATIENCE, until, until_within};
pub use wasm::with_section;
