//! Where a provider is and how it differs: the request plan.

use serde::Serialize;

use super::classify::Fault;
use super::mend::{Mending, tools};
use super::tasks;
use crate::plan::{again, secret, text};
use crate::{
    Assignment, Call, Clamping, Content, Cutting, Edit, Failure, Field, Head, IdMapping, Input,
    Origin, Quota, Renaming, Replacement, Request, Selection, Verdict, failure,
};

/// How to find out whether a key is good.
#[derive(Clone, Debug)]
enum Check {
    /// Who may see the list has a good key.
    List,
    /// So may who gets this.
    At(String),
    /// Whose empty request is refused for anything but the key.
    Asking,
    /// Not without spending.
    Unknown,
}

/// The address, credential and quirks of a provider. Pointers are those of the contract: RFC 6901 with `*`.
#[derive(Clone, Debug)]
pub struct Dialect {
    origin: Origin,
    base: String,
    credential: Option<Field>,
    headers: Vec<Field>,
    edits: Vec<Edit>,
    stream_usage: bool,
    windows: (u64, u64),
    list: String,
    check: Check,
    one_choice: bool,
    faults: Vec<Fault>,
    mending: Mending,
}

impl Dialect {
    /// At `https://{host}{base}`, where `base` begins with `/` and does not end with one. The credential
    /// `api-key` goes out as a bearer token.
    #[must_use]
    pub fn at(host: &str, base: &str) -> Self {
        Self::of(Origin::Host(host.to_owned()), base)
    }

    /// At the address the user set.
    #[must_use]
    pub fn at_user_base() -> Self {
        Self::of(Origin::UserBase, "")
    }

    fn of(origin: Origin, base: &str) -> Self {
        Self {
            origin,
            base: base.to_owned(),
            credential: Some(secret("authorization", "api-key", "Bearer ")),
            headers: Vec::new(),
            edits: Vec::new(),
            stream_usage: true,
            windows: (60, 60),
            list: format!("{base}/models"),
            check: Check::List,
            one_choice: false,
            faults: Vec::new(),
            mending: Mending::default(),
        }
    }

    /// Another credential, or none.
    #[must_use]
    pub fn credential(mut self, credential: Option<Field>) -> Self {
        self.credential = credential;
        self
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(text(name, value));
        self
    }

    /// The path of the list of models, if it is not `/models` below the base.
    #[must_use]
    pub fn list_at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.list);
        self
    }

    /// The path below the base that tells whether a key is good; otherwise that of the list.
    #[must_use]
    pub fn check(self, path: &str) -> Self {
        let path = format!("{}{path}", self.base);
        self.check_at(&path)
    }

    /// The same, with a path that need not be below the base.
    #[must_use]
    pub fn check_at(mut self, path: &str) -> Self {
        self.check = Check::At(path.to_owned());
        self
    }

    /// Everybody may see the list, so it tells nothing of a key. A key is checked with a chat that lacks its messages: a good
    /// one is told what is missing, which spends nothing.
    #[must_use]
    pub fn check_by_asking(mut self) -> Self {
        self.check = Check::Asking;
        self
    }

    /// Nothing tells whether a key is good but a chat that counts.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.check = Check::Unknown;
        self
    }

    /// The upstream refuses `stream_options`, which otherwise asks for usage in every stream.
    #[must_use]
    pub fn no_stream_options(mut self) -> Self {
        self.stream_usage = false;
        self
    }

    /// Windows, in seconds, that `x-ratelimit-*-requests` and `-tokens` count; otherwise a minute each.
    #[must_use]
    pub fn windows(mut self, requests_s: u64, tokens_s: u64) -> Self {
        self.windows = (requests_s, tokens_s);
        self
    }

    /// An error whose code, type or message holds `words` (in lower case) is of this kind, whatever its status. The
    /// first that fits counts.
    #[must_use]
    pub fn fault(self, words: &'static str, kind: &'static str) -> Self {
        self.fault_of(words, kind, "")
    }

    /// The same; and who rests is not the kind's usual one but `scope`, as in the contract's `failure`.
    #[must_use]
    pub fn fault_of(
        mut self,
        words: &'static str,
        kind: &'static str,
        scope: &'static str,
    ) -> Self {
        self.faults.push(Fault { words, kind, scope });
        self
    }

    /// What stands between `<think>` and `</think>` at the very beginning of an answer is reasoning. The plugin must
    /// say [`MENDS`](crate::Adapter::MENDS), its manifest [`decodes`](crate::Manifest::decodes) of `chat`.
    #[must_use]
    pub fn think_in_text(mut self) -> Self {
        self.mending.think = true;
        self
    }

    /// Tool calls that the model wrote into its text become tool calls, if the request declares those tools and the
    /// arguments fit. The plugin must say [`MENDS`](crate::Adapter::MENDS), its manifest
    /// [`decodes`](crate::Manifest::decodes) and [`reads`](crate::Manifest::reads) of `chat`.
    #[must_use]
    pub fn calls_in_text(mut self) -> Self {
        self.mending.calls = true;
        self
    }

    /// The upstream gives one choice, whatever `n` says: a request for more is for another provider.
    #[must_use]
    pub fn one_choice(mut self) -> Self {
        self.one_choice = true;
        self.drop(&["n"])
    }

    /// The upstream refuses, or its models garble, several tool calls at once.
    #[must_use]
    pub fn one_call_at_a_time(self, call: &Call) -> Self {
        if call.uses("tools") {
            self.set("/parallel_tool_calls", false)
        } else {
            self
        }
    }

    /// Any edit.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// Members of the body that the upstream refuses.
    #[must_use]
    pub fn drop(mut self, names: &[&str]) -> Self {
        self.edits
            .extend(names.iter().map(|name| Edit::Remove(format!("/{name}"))));
        self
    }

    /// Takes away what is at `at`.
    #[must_use]
    pub fn remove(self, at: &str) -> Self {
        self.edit(Edit::Remove(at.to_owned()))
    }

    /// Takes away these names at any depth at or below `at`.
    #[must_use]
    pub fn remove_deep(self, at: &str, names: &[&str]) -> Self {
        self.edit(Edit::RemoveDeep(selection(at, names)))
    }

    /// The object at `at` keeps only these names.
    #[must_use]
    pub fn retain(self, at: &str, names: &[&str]) -> Self {
        self.edit(Edit::Retain(selection(at, names)))
    }

    /// Puts a value, whether or not one is there.
    #[must_use]
    pub fn set(self, at: &str, value: impl Serialize) -> Self {
        self.edit(Edit::Set(assignment(at, value)))
    }

    /// Puts a value if none is there.
    #[must_use]
    pub fn fill(self, at: &str, value: impl Serialize) -> Self {
        self.edit(Edit::Fill(assignment(at, value)))
    }

    /// Exchanges one exact value for another; `None::<()>` takes it away.
    #[must_use]
    pub fn replace(self, at: &str, was: impl Serialize, becomes: Option<impl Serialize>) -> Self {
        self.edit(Edit::Replace(Replacement {
            at: at.to_owned(),
            was: bytes(was),
            becomes: becomes.map(bytes),
        }))
    }

    /// Gives a member another name in the same object.
    #[must_use]
    pub fn rename(self, at: &str, name: &str) -> Self {
        self.edit(Edit::Rename(Renaming {
            at: at.to_owned(),
            name: name.to_owned(),
        }))
    }

    /// Lists of text parts and nulls become one string.
    #[must_use]
    pub fn join_text(self, at: &str) -> Self {
        self.edit(Edit::JoinText(at.to_owned()))
    }

    /// Brings a number between bounds.
    #[must_use]
    pub fn clamp(self, at: &str, low: Option<f64>, high: Option<f64>) -> Self {
        self.edit(Edit::Clamp(Clamping {
            at: at.to_owned(),
            low,
            high,
        }))
    }

    /// Cuts a list to a length.
    #[must_use]
    pub fn cut_list(self, at: &str, most: u32) -> Self {
        self.edit(Edit::CutList(Cutting {
            at: at.to_owned(),
            most,
        }))
    }

    /// A value that is no list becomes a list of it.
    #[must_use]
    pub fn as_list(self, at: &str) -> Self {
        self.edit(Edit::AsList(at.to_owned()))
    }

    /// The ids of tool calls and of their results become `length` letters and digits.
    #[must_use]
    pub fn map_call_ids(self, length: u32) -> Self {
        self.edit(Edit::MapIds(IdMapping {
            at: vec![
                "/messages/*/tool_calls/*/id".to_owned(),
                "/messages/*/tool_call_id".to_owned(),
            ],
            length,
        }))
    }

    /// Plans the request for an operation whose body is edited by the host; of one with files, all but its form.
    ///
    /// # Errors
    /// `unsupported` for an operation that this dialect has no path for.
    pub fn plan(mut self, call: &Call) -> Result<Request, Failure> {
        if self.one_choice && call.uses("many") {
            return Err(failure::unsupported(
                "this provider gives one choice at a time",
            ));
        }
        let base = &self.base;
        let asks = call.step == 0 && matches!(self.check, Check::Asking);
        let (method, path) = match (call.operation.as_str(), self.check) {
            ("chat", _) => ("POST", format!("{base}/chat/completions")),
            ("completions", _) => ("POST", format!("{base}/completions")),
            ("embeddings", _) => ("POST", format!("{base}/embeddings")),
            ("key-check", Check::At(path)) => ("GET", path),
            ("key-check", _) if asks => ("POST", format!("{base}/chat/completions")),
            ("key-check", Check::Unknown) => {
                return Err(failure::unsupported(
                    "nothing tells whether a key of this provider is good but a chat that counts",
                ));
            }
            ("models" | "key-check", _) => ("GET", self.list),
            (other, _) => match tasks::path(other) {
                Some(path) => ("POST", format!("{base}{path}")),
                None => {
                    return Err(failure::unsupported(format!(
                        "this provider has no operation `{other}`"
                    )));
                }
            },
        };
        let mut request = Request::new(method, self.origin, path);
        request.headers.extend(self.credential);
        request.headers.append(&mut self.headers);
        if call.operation == "key-check" && method == "POST" {
            request.content = Content::Json(br#"{"model":"","messages":[]}"#.to_vec());
        } else if method == "POST" {
            self.edits.extend(tasks::edits(&call.operation));
            if call.streaming && self.stream_usage {
                self.edits.push(Edit::Set(assignment(
                    "/stream_options",
                    serde_json::json!({"include_usage": true}),
                )));
            } else {
                self.edits.push(Edit::Remove("/stream_options".to_owned()));
            }
            request.content = Content::Edits(self.edits);
        }
        Ok(request)
    }

    /// The same, with what reading the answer will need of the request.
    ///
    /// # Errors
    /// As in [`plan`](Self::plan).
    pub fn plan_for(self, call: &Call, input: &Input) -> Result<Request, Failure> {
        let calls = self.mending.calls && call.uses("tools");
        let mut request = self.plan(call)?;
        if calls {
            request.memo = tools::memo(&input.body);
        }
        Ok(request)
    }

    /// What an answer needs before it is canonical.
    #[must_use]
    pub fn mending(&self) -> Mending {
        self.mending
    }

    /// What an error says.
    #[must_use]
    pub fn failure(&self, call: &Call, head: &Head, body: &[u8]) -> Failure {
        super::classify::failure_of(call, head, body, self.windows, &self.faults)
    }

    /// What an error means; a refusal that shows that the key is good is followed by the list.
    #[must_use]
    pub fn verdict(&self, call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let failure = self.failure(call, head, body);
        let asked =
            call.operation == "key-check" && call.step == 0 && matches!(self.check, Check::Asking);
        let good = asked
            && matches!(
                failure.kind.as_str(),
                "invalid-request" | "unsupported" | "model-missing"
            );
        if good {
            let mut next = call.clone();
            next.step = 1;
            if let Ok(request) = self.clone().plan(&next) {
                return again(request, 0);
            }
        }
        Verdict::Failed(failure)
    }

    /// What the headers say of limits.
    #[must_use]
    pub fn quotas(&self, head: &Head) -> Vec<Quota> {
        super::quotas(head, self.windows)
    }
}

fn assignment(at: &str, value: impl Serialize) -> Assignment {
    Assignment {
        at: at.to_owned(),
        value: bytes(value),
    }
}

fn selection(at: &str, names: &[&str]) -> Selection {
    Selection {
        at: at.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// A value that cannot be written is null; what plugins give here are literals.
fn bytes(value: impl Serialize) -> Vec<u8> {
    serde_json::to_vec(&value).unwrap_or_else(|_| b"null".to_vec())
}
