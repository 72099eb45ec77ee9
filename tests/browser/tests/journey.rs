//! From the first start to a key that is green, a plugin with consent, a chat, and log-out.

use blackbox::{Server, Setup, paths, until};
use browser::{Browser, Page, View};
use mock_upstream::{Mock, Settings};
use serde_json::{Value, json};

const EMAIL: &str = "owner@example.org";
const PASSWORD: &str = "a long enough password";
const KEY: &str = "gsk_ABCDEFGHIJ0123456789abcdef";
/// A label that is a script, which must stay text.
const LABEL: &str = "<script>window.harmed = 1</script><img src=x onerror=\"window.harmed = 1\">";

/// A server that trusts nobody, whose Groq is a mock.
async fn server(mock: &Mock) -> Server {
    Setup::bare()
        .env("PLUGIN_TRUST", "ask")
        .map("api.groq.com", mock)
        .start()
        .await
}

/// The one-time code that the terminal shows.
async fn code(server: &Server) -> String {
    until("a one-time code", async || {
        let printed = server.printed();
        let at = printed.iter().position(|line| line.contains("code"))?;
        let code = printed.get(at + 1)?.trim().to_owned();
        (!code.is_empty()).then_some(code)
    })
    .await
}

async fn inspect(page: &Page, name: &str) {
    for view in View::ALL {
        page.inspect(name, view).await;
    }
    page.look(View::ALL[0]).await;
}

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask test browser"]
async fn from_set_up_to_log_out() {
    let models = ["llama-3.3-70b-versatile", "llama-3.1-8b-instant"];
    let mock = Mock::with(Settings::default().key(KEY).models(models)).await;
    let server = server(&mock).await;
    let browser = Browser::start().await;
    let page = browser.page(&format!("http://{}", server.client.address));
    page.look(View::ALL[0]).await;

    set_up(&page, &server).await;
    add_a_key(&page).await;
    consent(&page, &server).await;
    chat(&page).await;
    chain(&page).await;
    analytics(&page).await;
    other_pages(&page).await;
    log_out_and_in(&page).await;
    browser.quit().await;
}

async fn set_up(page: &Page, server: &Server) {
    page.open("/").await;
    page.sees("Set up this server").await;
    inspect(page, "set-up").await;
    page.fill("One-time code", "WRONG-CODE").await;
    page.fill("E-mail address", EMAIL).await;
    page.fill("Password", PASSWORD).await;
    page.fill("Password, once more", "another").await;
    page.press("Create the account").await;
    page.sees("The two passwords are not the same.").await;
    page.fill("Password, once more", PASSWORD).await;
    page.press("Create the account").await;
    page.finds("//*[@id='code' and @aria-invalid='true']").await;
    page.fill("One-time code", &code(server).await).await;
    page.press("Create the account").await;
    page.sees("Getting started").await;
    page.sees("1 of 4 done").await;
    inspect(page, "start").await;
}

async fn add_a_key(page: &Page) {
    page.press("Keys").await;
    page.sees("No keys yet").await;
    page.sees("Groq").await;
    inspect(page, "keys-none").await;
    page.press("Add key: Groq").await;
    page.fill("API key", "nonsense").await;
    inspect(page, "keys-add").await;
    page.press("Add and test").await;
    // Said beside the input.
    page.finds("//dialog//input[@aria-invalid='true']").await;
    page.fill("API key", KEY).await;
    page.fill("Label", LABEL).await;
    page.press("Add and test").await;
    page.misses("//dialog").await;
    page.finds("//*[contains(@class,'state ok')][normalize-space()='Healthy']")
        .await;
    page.sees(LABEL).await;
    let harmed = page.script("return window.harmed ?? null", json!([])).await;
    assert_eq!(harmed, json!(null), "a label ran as a script");
    inspect(page, "keys").await;

    page.press("Add many").await;
    page.fill(
        "Keys or .env",
        &format!("GROQ_API_KEY={KEY}\nPORT=3000\nGROQ_API_KEY_2=gsk_zyxwvutsrq9876543210"),
    )
    .await;
    page.press("Preview").await;
    page.sees("There already").await;
    page.sees("Will be added").await;
    inspect(page, "keys-import").await;
    page.press("Cancel").await;
    page.press("Custom endpoint").await;
    inspect(page, "keys-endpoint").await;
    page.press("Cancel").await;
    page.misses("//dialog").await;
}

async fn consent(page: &Page, server: &Server) {
    let (plugin, hello) = (
        paths::example("hello-provider"),
        "//section[@data-plugin='hello-provider']",
    );
    page.press("Plugins").await;
    page.sees("Drop a plugin").await;
    inspect(page, "plugins").await;
    server.drop_in(&plugin);
    // Live: nobody reloads the page.
    page.finds(&format!("{hello}[@data-state='needs-consent']"))
        .await;
    page.sees("A plugin waits for your consent").await;
    inspect(page, "plugins-waiting").await;
    page.press("Review: Hello").await;
    page.sees("Send requests (POST) at api.hello.example, only below /v1/chat/completions")
        .await;
    page.sees("goes only to api.hello.example").await;
    inspect(page, "plugins-consent").await;
    page.press("Allow").await;
    page.finds(&format!("{hello}[@data-state='active']")).await;
    page.misses("//dialog").await;
    page.press("Revoke consent: Hello").await;
    page.finds(&format!("{hello}[@data-state='needs-consent']"))
        .await;
}

async fn chat(page: &Page) {
    page.press("Playground").await;
    page.press("Use the unified key").await;
    page.fill("Password", "not the password").await;
    page.click("//dialog//button[@type='submit']").await;
    page.finds("//dialog//input[@aria-invalid='true']").await;
    page.fill("Password", PASSWORD).await;
    page.click("//dialog//button[@type='submit']").await;
    page.misses("//dialog").await;
    page.fill("Message", "Say hello.").await;
    page.press("Send").await;
    page.sees("Hello from the mock.").await;
    page.sees("Served by groq/").await;
    inspect(page, "playground").await;
}

/// What stands in the chain, from its first model.
async fn links(page: &Page) -> Value {
    let script =
        "return [...document.querySelectorAll('.link code')].map((link) => link.textContent)";
    page.script(script, json!([])).await
}

async fn chain(page: &Page) {
    page.press("Fallback chain").await;
    page.finds("//*[@id='explained']/tbody/tr").await;
    inspect(page, "routing").await;
    page.fill("Name of the chain", "fast").await;
    page.press("Create the chain").await;
    // Said beside the input: the word means something already.
    page.finds("//*[@id='profile-name' and @aria-invalid='true']")
        .await;
    page.fill("Name of the chain", "work").await;
    page.press("Create the chain").await;
    page.finds("//section[@data-profile='work']").await;
    let first = links(page).await;
    let (Some(small), Some(big)) = (first[0].as_str(), first[1].as_str()) else {
        panic!("a chain begins with what can be called: {first}");
    };
    let all = first.as_array().map_or(0, Vec::len);
    let mut moved = first.clone();
    moved[0] = json!(big);
    moved[1] = json!(small);
    // By the keyboard, which stays with the model.
    page.script(
        "document.getElementById('chain-work-1-up').focus()",
        json!([]),
    )
    .await;
    page.keys(" ").await;
    let said = format!("{big} is now 1 of {all}.");
    page.finds(&format!("//*[@role='status'][normalize-space()='{said}']"))
        .await;
    until("the keyboard on the model that moved", async || {
        let focus = page.script("return document.activeElement.id", json!([]));
        (focus.await == json!("chain-work-0-down")).then_some(())
    })
    .await;
    assert_eq!(links(page).await, moved);
    page.press(&format!("Use {small}")).await;
    inspect(page, "routing-chain").await;
    page.choose("“auto” stands for", "work").await;
    page.fill("What clients say", "gpt-4o").await;
    page.fill("Stands for", "auto:work").await;
    page.press("Add the alias").await;
    page.finds("//td//code[normalize-space()='gpt-4o']").await;
    // What the server keeps is what was shown.
    page.open("/routing").await;
    page.finds("//section[@data-profile='work']").await;
    assert_eq!(links(page).await, moved);
    page.finds("//li[contains(@class,'off')]").await;
    page.press("Remove: work").await;
    page.misses("//section[@data-profile='work']").await;
}

async fn analytics(page: &Page) {
    page.press("Analytics").await;
    page.finds("//*[@id='by-provider']/ancestor::section//code[.='groq']")
        .await;
    inspect(page, "analytics").await;
    page.press("As a table: Requests").await;
    page.choose("Time", "7 days").await;
    until("a row a day", async || {
        let rows = "return document.querySelectorAll('#chart-requests').length
            && document.getElementById('chart-requests').closest('section').querySelectorAll('tbody tr').length";
        (page.script(rows, json!([])).await == json!(7)).then_some(())
    })
    .await;
    inspect(page, "analytics-table").await;
}

async fn other_pages(page: &Page) {
    page.press("Requests").await;
    page.finds("//tbody/tr//*[normalize-space()='200']").await;
    inspect(page, "requests").await;
    page.press("Models").await;
    page.sees("groq/llama-3.3-70b-versatile").await;
    inspect(page, "models").await;
    page.press("Settings").await;
    inspect(page, "settings").await;
    page.choose("Language", "Deutsch").await;
    page.sees("Einstellungen").await;
    inspect(page, "settings-german").await;
    page.choose("Sprache", "English").await;
    page.choose("Theme", "Dark").await;
    let theme = page
        .script("return document.documentElement.dataset.theme", json!([]))
        .await;
    assert_eq!(theme, json!("dark"));
    page.choose("Theme", "As the system").await;
    page.press("Start").await;
    page.sees("4 of 4 done").await;
    inspect(page, "start-done").await;
}

async fn log_out_and_in(page: &Page) {
    page.press("Log out").await;
    page.sees("Welcome back").await;
    inspect(page, "log-in").await;
    page.fill("E-mail address", EMAIL).await;
    page.fill("Password", "not the password").await;
    page.press("Log in").await;
    page.finds("//p[@role='alert']").await;
    page.fill("Password", PASSWORD).await;
    page.press("Log in").await;
    page.sees("Getting started").await;
    // A session survives a reload, and its key does not stay in the page.
    page.open("/plugins").await;
    page.finds("//h1[normalize-space()='Plugins']").await;
    page.press("Log out").await;
    page.sees("Welcome back").await;
}
