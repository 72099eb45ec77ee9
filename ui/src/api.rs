//! The admin API as the dashboard calls it.

mod failure;
mod resource;

use std::cell::RefCell;

use freellmapi_types::{CSRF_HEADER, ErrorBody};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

pub(crate) use failure::Failure;
pub(crate) use resource::use_resource;

thread_local! {
    /// The proof that a change comes from this page.
    static CSRF: RefCell<String> = RefCell::default();
}

/// Takes the proof of a new session.
pub(crate) fn set_csrf(csrf: &str) {
    CSRF.with(|kept| csrf.clone_into(&mut kept.borrow_mut()));
}

/// What goes along with a request.
enum Body {
    Nothing,
    Json(String),
    File(web_sys::File),
}

/// `GET`.
pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&call(Method::GET, path, Body::Nothing).await?)
}

/// `POST` without a body.
pub(crate) async fn act<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&call(Method::POST, path, Body::Nothing).await?)
}

/// `POST` without a body or an answer.
pub(crate) async fn tell(path: &str) -> Result<(), Failure> {
    call(Method::POST, path, Body::Nothing).await.map(drop)
}

/// `POST`.
pub(crate) async fn post<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    read(&call(Method::POST, path, json(body)?).await?)
}

/// `PATCH`.
pub(crate) async fn patch<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    read(&call(Method::PATCH, path, json(body)?).await?)
}

/// `DELETE`.
pub(crate) async fn delete(path: &str) -> Result<(), Failure> {
    call(Method::DELETE, path, Body::Nothing).await.map(drop)
}

/// `POST` of a plugin.
pub(crate) async fn upload<T: DeserializeOwned>(
    path: &str,
    file: web_sys::File,
) -> Result<T, Failure> {
    read(&call(Method::POST, path, Body::File(file)).await?)
}

/// One word of a path.
pub(crate) fn segment(word: &str) -> String {
    String::from(js_sys::encode_uri_component(word))
}

async fn call(method: Method, path: &str, body: Body) -> Result<String, Failure> {
    let mut request = RequestBuilder::new(path).header("accept", "application/json");
    if method != Method::GET {
        let csrf = CSRF.with(|kept| kept.borrow().clone());
        request = request.header(CSRF_HEADER, &csrf);
    }
    let request = request.method(method);
    let request = match body {
        Body::Nothing => request.build(),
        Body::Json(text) => request
            .header("content-type", "application/json")
            .body(text),
        Body::File(file) => request
            .header("content-type", "application/wasm")
            .body(JsValue::from(file)),
    };
    let request = request.map_err(|error| Failure::strange(&error))?;
    let response = request.send().await.map_err(|_| Failure::offline())?;
    let status = response.status();
    let text = text(&response).await?;
    if response.ok() {
        return Ok(text);
    }
    let failure = match serde_json::from_str::<ErrorBody>(&text) {
        Ok(body) => Failure::refused(body.error),
        Err(_) => Failure::status(status),
    };
    if failure.is_logged_out() {
        crate::session::lost();
    }
    Err(failure)
}

async fn text(response: &Response) -> Result<String, Failure> {
    response.text().await.map_err(|_| Failure::offline())
}

fn json(body: &impl Serialize) -> Result<Body, Failure> {
    let text = serde_json::to_string(body);
    text.map(Body::Json)
        .map_err(|error| Failure::strange(&error))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::strange(&error))
}
