//! The processes: a driver of its own for each test, and its Chromium with an empty profile.

use std::process::Stdio;
use std::time::Duration;

use blackbox::PATIENCE;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::page::Page;

/// What Chromium is started with: nothing of it asks for the internet.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
];

/// A running browser. Dropping it ends the driver, and with it Chromium.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    _process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// If Chromium or its driver is not installed or does not start.
    pub async fn start() -> Self {
        // The client of the driver's protocol asks for one, though nothing here speaks TLS.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed: `cargo xtask test browser` does that");
        let stdout = process.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let port = timeout(PATIENCE, async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return port.trim_end_matches('.').parse::<u16>().ok();
                }
            }
            None
        });
        let port = port
            .await
            .ok()
            .flatten()
            .expect("the driver's port, in time");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = TempDir::new().expect("a temporary folder");
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag).expect("a flag");
        }
        let folder = format!("--user-data-dir={}", profile.path().display());
        wanted.add_arg(&folder).expect("a flag");
        wanted.add_arg("--lang=en-GB").expect("a flag");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted);
        let driver = driver.await.expect("Chromium starts");
        let patience = PATIENCE + Duration::from_secs(10);
        driver.set_script_timeout(patience).await.expect("a limit");
        Self {
            driver,
            _process: process,
            _profile: profile,
        }
    }

    /// The page of a server.
    #[must_use]
    pub fn page(&self, base: &str) -> Page {
        Page::new(self.driver.clone(), base.to_owned())
    }

    /// Ends it in order.
    pub async fn quit(self) {
        // The process is killed anyway.
        let _ = self.driver.quit().await;
    }
}
