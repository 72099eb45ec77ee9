//! What a person sees of the dashboard and does with it.

use std::path::PathBuf;

use blackbox::until;
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::axe;

/// How the page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// In the dark theme, as the system wants it.
    pub dark: bool,
    /// On a phone.
    pub narrow: bool,
}

impl View {
    /// Both themes, wide and narrow.
    pub const ALL: [Self; 4] = [
        Self::new(false, false),
        Self::new(true, false),
        Self::new(false, true),
        Self::new(true, true),
    ];

    const fn new(dark: bool, narrow: bool) -> Self {
        Self { dark, narrow }
    }

    /// For file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match (self.dark, self.narrow) {
            (false, false) => "light-wide",
            (true, false) => "dark-wide",
            (false, true) => "light-narrow",
            (true, true) => "dark-narrow",
        }
    }

    fn width(self) -> u32 {
        if self.narrow { 360 } else { 1280 }
    }

    fn height(self) -> u32 {
        if self.narrow { 740 } else { 860 }
    }
}

/// A tab at a server.
#[derive(Clone, Debug)]
pub struct Page {
    driver: WebDriver,
    base: String,
}

// Doing.

impl Page {
    pub(crate) fn new(driver: WebDriver, base: String) -> Self {
        Self { driver, base }
    }

    /// Opens a path.
    ///
    /// # Panics
    /// If the browser cannot.
    pub async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.base);
        self.driver.goto(url).await.expect("a page");
    }

    /// Presses the button or follows the link with these words, once it can be.
    pub async fn press(&self, words: &str) {
        let words = quoted(words);
        self.click(&format!(
            "//*[self::button or self::a or self::summary or self::label or @role='tab'][normalize-space()={words} or @aria-label={words}]"
        ))
        .await;
    }

    /// Presses what this XPath finds, once it can be.
    pub async fn click(&self, xpath: &str) {
        until(&format!("a click on {xpath}"), async || {
            for element in self.all(xpath).await {
                // Into the middle, where neither a bar nor a notice lies over it.
                element.scroll_into_view().await.ok()?;
                // A person does not aim at what moves: the driver would press where it was.
                let rests = element.is_displayed().await.ok()? && self.rests(&element).await?;
                if rests && element.click().await.is_ok() {
                    if self.was_pressed().await {
                        return Some(());
                    }
                    eprintln!("a press did not arrive: {xpath}");
                }
            }
            None
        })
        .await;
    }

    /// Whether it keeps its place for two frames and can be pressed. From here on a press on it is noticed.
    async fn rests(&self, element: &WebElement) -> Option<bool> {
        let arguments = vec![element.to_json().ok()?];
        let still = self
            .driver
            .execute_async(
                "const [element, done] = arguments;
                 const place = () => JSON.stringify(element.getBoundingClientRect());
                 const before = place();
                 window.pressed = false;
                 element.addEventListener('click', () => { window.pressed = true; }, { once: true, capture: true });
                 requestAnimationFrame(() => requestAnimationFrame(() =>
                   done(element.isConnected && !element.disabled && place() === before)));",
                arguments,
            )
            .await;
        // What is gone by now is looked for again.
        still.ok()?.json().as_bool()
    }

    /// Whether the press arrived: what moves away under the pointer does not get it.
    async fn was_pressed(&self) -> bool {
        let lost = self.script("return window.pressed === false", json!([]));
        lost.await != json!(true)
    }

    /// Types into the input with this label, instead of what is there.
    pub async fn fill(&self, label: &str, value: &str) {
        let input = self.input(label).await;
        until(&format!("{label}: can be typed into"), async || {
            // As a person replaces a text: all of it is marked, and typed over.
            input.send_keys(Key::Control + "a").await.ok()?;
            input.send_keys(value).await.ok()
        })
        .await;
    }

    /// Chooses from the list with this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let input = self.input(label).await;
        let xpath = format!(".//option[normalize-space()={}]", quoted(option));
        until(&format!("{option} in {label}"), async || {
            let option = input.find(By::XPath(xpath.as_str())).await.ok()?;
            option.click().await.ok()
        })
        .await;
    }

    /// Gives a file to the input with this id, hidden or not.
    pub async fn attach(&self, id: &str, file: &std::path::Path) {
        let xpath = format!("//input[@id={}]", quoted(id));
        let input = until(&xpath, async || self.all(&xpath).await.into_iter().next()).await;
        let path = file.to_string_lossy();
        input
            .send_keys(path.as_ref())
            .await
            .expect("the file is taken");
    }

    /// Sends keys to what has the focus.
    ///
    /// # Panics
    /// If nothing takes them.
    pub async fn keys(&self, keys: &str) {
        let active = self.driver.active_element().await.expect("a focus");
        active.send_keys(keys).await.expect("the keys are taken");
    }

    /// The input with this label.
    async fn input(&self, label: &str) -> WebElement {
        let label = quoted(label);
        let xpath = format!("//*[@id=//label[normalize-space()={label}]/@for]");
        until(&format!("an input {label}"), async || {
            self.all(&xpath).await.into_iter().next()
        })
        .await
    }

    async fn all(&self, xpath: &str) -> Vec<WebElement> {
        let found = self.driver.find_all(By::XPath(xpath)).await;
        found.unwrap_or_default()
    }
}

// Looking.

impl Page {
    /// Waits until the page says this.
    pub async fn sees(&self, words: &str) {
        until(&format!("the page says {words:?}"), async || {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// Waits until this XPath finds something, and returns its text.
    pub async fn finds(&self, xpath: &str) -> String {
        until(xpath, async || {
            let found = self.all(xpath).await.into_iter().next()?;
            found.text().await.ok()
        })
        .await
    }

    /// Waits until this XPath finds nothing.
    pub async fn misses(&self, xpath: &str) {
        until(&format!("no {xpath}"), async || {
            self.all(xpath).await.is_empty().then_some(())
        })
        .await;
    }

    /// All that can be read.
    pub async fn text(&self) -> String {
        let text = self
            .script("return document.body.innerText", json!([]))
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What a script returns.
    ///
    /// # Panics
    /// If it throws.
    pub async fn script(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let returned = self.driver.execute(script, arguments).await;
        returned.expect("a script that runs").json().clone()
    }

    /// What a script that ends with a callback gives to it.
    ///
    /// # Panics
    /// If it throws.
    pub async fn wait_for_script(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let returned = self.driver.execute_async(script, arguments).await;
        returned.expect("a script that runs").json().clone()
    }

    /// Looks at the page so.
    ///
    /// # Panics
    /// If the browser cannot.
    pub async fn look(&self, view: View) {
        self.resize(view.width(), view.height()).await;
        let theme = if view.dark { "dark" } else { "light" };
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.tell("Emulation.setEmulatedMedia", features).await;
    }

    async fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Slows the line to the server down: bytes a second, and milliseconds there and back.
    pub async fn slow_line(&self, bytes: u32, latency: u32) {
        self.tell("Network.enable", json!({})).await;
        let line = json!({
            "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes,
        });
        self.tell("Network.emulateNetworkConditions", line).await;
    }

    async fn tell(&self, command: &str, values: Value) {
        let told = self.driver.cdp().send_raw(command, values).await;
        told.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    /// Checks the page with axe in this view, that nothing of it is cut off, and saves a screenshot of all of it.
    ///
    /// # Panics
    /// If there is a serious fault.
    pub async fn inspect(&self, name: &str, view: View) {
        self.look(view).await;
        // Two frames: until then some elements have the colours of the theme before.
        self.wait_for_script(
            "const done = arguments[arguments.length - 1];
             requestAnimationFrame(() => requestAnimationFrame(() => done(true)));",
            json!([]),
        )
        .await;
        let name = format!("{name}-{}", view.name());
        let over = self
            .script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                json!([]),
            )
            .await;
        axe::check(self, &name).await;
        if let Some(folder) = std::env::var_os("SCREENSHOTS") {
            let height = self
                .script("return document.documentElement.scrollHeight", json!([]))
                .await;
            let height = u32::try_from(height.as_u64().unwrap_or(0)).unwrap_or(0);
            self.resize(view.width(), height.clamp(view.height(), 4000))
                .await;
            let path = PathBuf::from(folder).join(format!("{name}.png"));
            let saved = self.driver.screenshot(&path).await;
            saved.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        assert!(
            over.as_i64() <= Some(0),
            "{name} is wider than the window: {over}"
        );
    }
}

/// A string of XPath, which knows no escapes.
fn quoted(words: &str) -> String {
    if words.contains('\'') {
        format!("\"{words}\"")
    } else {
        format!("'{words}'")
    }
}
