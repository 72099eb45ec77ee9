//! What an author implements, and the bridge from it to the generated bindings.

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::bindings::exports::freellmapi::provider::adapter::{Guest, GuestDecoder};
use crate::openai::Dialect;
use crate::{
    Call, Delta, Event, Failure, Head, Input, Listing, Manifest, Outcome, Quota, RawManifest,
    Reply, Request, Verdict, failure, openai,
};

/// A provider. Every function but [`manifest`](Adapter::manifest) has a default, which speaks OpenAI's dialect as
/// [`dialect`](Adapter::dialect) says: override that one for a compatible provider, the others for a foreign one.
///
/// There is no `self`: nothing may be kept from one call to the next.
pub trait Adapter: 'static {
    /// Its answers want the mending that its [`dialect`](Adapter::dialect) asks for. A constant, so that the component of
    /// one that does not carries nothing for it.
    const MENDS: bool = false;

    /// Who this is. Always the same.
    fn manifest() -> Manifest;

    /// Where the provider is and how it differs from OpenAI. The default is nowhere: a plugin that
    /// leaves both this and [`encode`](Adapter::encode) alone can do nothing.
    fn dialect(call: &Call) -> Dialect {
        let _ = call;
        Dialect::at("", "")
    }

    /// Plans the request.
    ///
    /// # Errors
    /// `unsupported` for an operation it cannot do.
    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        let dialect = Self::dialect(call);
        let mut request = if Self::MENDS {
            dialect.plan_for(call, input)?
        } else {
            dialect.plan(call)?
        };
        openai::form::fill(&mut request, call, input)?;
        Ok(request)
    }

    /// Reads a whole 2xx reply. The default passes it on, mended as the dialect says.
    ///
    /// # Errors
    /// A failure ends the attempt.
    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let _ = head;
        Ok(Outcome::Done(if Self::MENDS {
            openai::mended(Self::dialect(call).mending(), call, body)
        } else {
            Reply::keep()
        }))
    }

    /// Says what any other status means, or an error inside a canonical 2xx reply.
    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        Self::dialect(call).verdict(call, head, body)
    }

    /// Reads the limits out of a 2xx reply's headers.
    fn quotas(call: &Call, head: &Head) -> Vec<Quota> {
        Self::dialect(call).quotas(head)
    }

    /// Reads the provider's list of models. The default keeps those that do something the manifest tells of: of a
    /// list with pictures and videos too, the others could not be called.
    ///
    /// # Errors
    /// `malformed-reply` if it is none.
    fn decode_models(call: &Call, head: &Head, body: &[u8]) -> Result<Listing, Failure> {
        let _ = (call, head);
        let manifest = Self::manifest().build();
        let does = |operation: &String| {
            let listed = [&manifest.canonical_replies, &manifest.reads_body];
            listed.iter().any(|known| known.contains(operation))
                || (manifest.models.iter()).any(|model| model.operations.contains(operation))
        };
        let rows = openai::entries(body)?;
        let models = rows.iter().filter(|row| Self::keeps(row));
        let models = models.filter_map(openai::model);
        Ok(Listing {
            models: models
                .filter(|model| model.operations.iter().any(does))
                .collect(),
            next: None,
            extra: Vec::new(),
        })
    }

    /// Whether the default of [`decode_models`](Adapter::decode_models) keeps this row of the provider's list: where most
    /// models cost money, those that do not.
    fn keeps(row: &openai::Entry) -> bool {
        let _ = row;
        true
    }

    /// Reads a stream. The default passes every event on, mended as the dialect says, and ends at `[DONE]`.
    fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
        let _ = head;
        if Self::MENDS {
            openai::mender(Self::dialect(call).mending(), call)
        } else {
            openai::passing()
        }
    }
}

/// The state of one streamed reply.
pub trait Decoder {
    /// Whole events, in order.
    fn push(&mut self, events: &[Event]) -> Delta;

    /// The connection ended. The default says that the stream broke off.
    fn finish(&mut self) -> Delta {
        Delta::default()
    }
}

/// Joins an [`Adapter`] to the bindings; used by [`crate::export!`] only.
pub struct Bridge<A>(PhantomData<A>);

/// A decoder as the bindings want it: shared, though the host never calls it twice at once.
pub struct DecoderBridge<A>(RefCell<Box<dyn Decoder>>, PhantomData<A>);

/// Makes the plugin's component export the adapter. The type must be a plain name.
///
/// Only for WebAssembly: a native build of the same crate, for its tests, exports nothing.
#[macro_export]
macro_rules! export {
    ($adapter:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "generated export functions")]
        mod __freellmapi_export {
            #[global_allocator]
            static ARENA: $crate::arena::Arena = $crate::arena::Arena::new();

            type Exported = $crate::Bridge<super::$adapter>;
            $crate::bindings::export_provider!(Exported with_types_in $crate::bindings);
        }
    };
}

impl<A: Adapter> Guest for Bridge<A> {
    type Decoder = DecoderBridge<A>;

    fn describe() -> RawManifest {
        A::manifest().build()
    }

    fn encode(call: Call, input: Input) -> Result<Request, Failure> {
        A::encode(&call, &input)
    }

    fn decode(call: Call, head: Head, body: Vec<u8>) -> Result<Outcome, Failure> {
        A::decode(&call, &head, &body)
    }

    fn classify(call: Call, head: Head, body: Vec<u8>) -> Verdict {
        A::classify(&call, &head, &body)
    }

    fn quotas(call: Call, head: Head) -> Vec<Quota> {
        A::quotas(&call, &head)
    }

    fn decode_models(call: Call, head: Head, body: Vec<u8>) -> Result<Listing, Failure> {
        A::decode_models(&call, &head, &body)
    }
}

impl<A: Adapter> GuestDecoder for DecoderBridge<A> {
    fn new(call: Call, head: Head) -> Self {
        Self(RefCell::new(A::decoder(&call, &head)), PhantomData)
    }

    fn push(&self, events: Vec<Event>) -> Delta {
        match self.0.try_borrow_mut() {
            Ok(mut decoder) => decoder.push(&events),
            Err(_) => Delta::failed(failure::of("malformed-reply", "push within push")),
        }
    }

    fn finish(&self) -> Delta {
        match self.0.try_borrow_mut() {
            Ok(mut decoder) => decoder.finish(),
            Err(_) => Delta::failed(failure::of("malformed-reply", "finish within push")),
        }
    }
}
