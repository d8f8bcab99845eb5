//! Loopback servers that speak the providers' wire formats.
//!
//! For trying the studio without a key and for tests. It shares no code with the client it tests,
//! only the wire. One listener serves every provider under its own path; a conversation can be
//! scripted from outside ([`Simulator::next_fault`], [`Simulator::next_job`]) or from inside the
//! prompt:
//!
//! | in the prompt | what happens |
//! |---|---|
//! | `[[fault:NAME key=value]]` | one of the faults of [`Fault`], by its [`Fault::parse`] name |
//! | `[[fault:NAME times=2]]` | only the first two requests with this prompt |
//! | `[[poll:NAME times=2]]` | the same for questions how its job is doing |
//! | `[[download:NAME times=1]]` | the same for downloads of what it made |
//! | `[[job:polls=3 end=failed]]` | how its job goes: `polls`, `seconds`, `hold`, and an `end` of [`JobEnd`] |
//! | `[[pause:after=20]]` | after 20 output tokens, waits for [`Simulator::resume`] |
//! | `[[say:some words]]` | the answer is exactly these words |
//! | `[[length:tokens=500]]` | the answer has this many tokens, if the limit allows |
//! | `[[think:tokens=90]]` | so many tokens of thinking, if the request asks for thinking |
//!
//! What a fault does to words, to pictures, to the order of a clip, to a poll and to a download
//! (`-`: there is nothing for it to do; "after" is explained at [`Fault`]):
//!
//! | fault | words | pictures | order of a clip | poll | download |
//! |---|---|---|---|---|---|
//! | `status`, `overloaded`, `rate_limited`, `quota`, `server`, `timeout`, `auth`, `forbidden`, `not_found`, `bad_request` | refused | refused | refused, no job | refused | refused |
//! | `context` | refused | refused | refused, no job | refused | refused |
//! | `reset`, `silence` | no head | no head | no head; the job runs | no head | no head |
//! | `refuse` | declined | moderated, `IMAGE_SAFETY`, `respect_moderation: false` | a job that ends blocked | - | - |
//! | `empty` | only thinking | `NO_IMAGE`, an empty list | a job that ends empty | - | - |
//! | `midstream_error` | error event; of a whole, 500 | the same | 500; the job runs | 500 | 500 |
//! | `cut`, `hang` | after tokens | after events or eighths | after eighths; the job runs | after eighths | after eighths |
//! | `eof` | a good end without the last events | the same; of a whole, a part | a part; the job runs | a part | a part |
//! | `invalid_utf8`, `garbage`, `giant_line`, `wrong_type`, `slow`, `split` | in the body | in the body | in the body | in the body | in the body |
//! | `double_end` | the end twice; of a whole, all of it | the same | the body twice | the body twice | - |
//! | `no_usage`, `huge_usage`, `negative_usage` | in the usage | in the usage or cost | in the job's bill | in this answer's bill | - |
//! | `overrun` | more tokens | more tokens; where a picture has a price, more pictures | more seconds | - | - |
//!
//! Veo tells no usage, so its bill cannot be spoiled. A refused connection, a name that does not
//! resolve and a broken handshake are for tests to make themselves: nobody listens then.
//!
//! Pictures are PNG, JPEG or WebP; clips are silent VP8 in WebM. Both are drawn from the prompt,
//! and [`Fingerprint::read`] tells from their bytes which prompt and which place in a set they
//! were made for. Tokens are counted by one rule for all: see [`count_tokens`].

mod answer;
mod ask;
mod cache;
mod clip;
mod clips;
mod composer;
mod control;
mod dialect;
mod fault;
mod files;
mod form;
mod image;
mod interaction;
mod job;
mod kept;
mod line;
mod media_model;
mod model;
mod options;
mod order;
mod parcel;
mod performance;
mod picture;
mod pictures;
mod play;
mod provider;
mod record;
mod reply;
mod route;
mod script;
mod server;
mod simulator;
mod tempo;
mod tokens;
mod trouble;
mod turn;

pub use fault::{Fault, FaultRates, ParseFaultError, Stage};
pub use job::{Job, JobEnd, JobPace, JobPlan, JobState};
pub use media_model::{Makes, MediaModel, media_models};
pub use model::{Model, Price, models};
pub use options::{Options, Pace, RateLimit, SIMULATED_KEY, SIMULATED_KEY_PREFIX};
pub use picture::Fingerprint;
pub use provider::Provider;
pub use record::{Outcome, Purpose, Received};
pub use simulator::Simulator;
pub use tokens::count_tokens;
