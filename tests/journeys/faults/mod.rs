//! The fault matrix: whatever a provider does wrong, with words, with pictures and with clips. Every
//! cell is a test of its own, `faults::chat::status_529`, and plays on every protocol of its kind.
//!
//! In each of them the turn ends in bounded time, the person reads a sentence that says what happened
//! and what it cost, nothing is charged twice or above what was held, nothing stays held, and the
//! ledger is sound. Clips have the same fault at the order, at a question how far it is and at the
//! download: the latter two cost patience alone.

mod cut;
mod scene;
mod scissors;

use anyai_wire::Code;
use scene::Ends::{Ceiling, Counted, Free, Unknown, Well, WellOrUnknown};
use scene::Fault::{Does, NoName, NoTls, Nobody};
use scene::{Kind, play};

macro_rules! matrix {
    ($($cell:ident: $fault:expr => $chat:expr, $image:expr, $video:expr;)*) => {
        mod chat {
            use super::*;
            $(#[tokio::test]
            async fn $cell() {
                play(Kind::Chat, $fault, $chat).await;
            })*
            #[tokio::test]
            async fn cut_at_every_event() {
                cut::words().await;
            }
        }
        mod image {
            use super::*;
            $(#[tokio::test]
            async fn $cell() {
                play(Kind::Image, $fault, $image).await;
            })*
            #[tokio::test]
            async fn cut_at_every_event() {
                cut::pictures().await;
            }
        }
        mod video {
            use super::*;
            $(#[tokio::test]
            async fn $cell() {
                play(Kind::Video, $fault, $video).await;
            })*
            #[tokio::test]
            async fn cut_at_every_event() {
                cut::clips().await;
            }
        }
    };
}

const UNREACHABLE: scene::Ends = Free(Code::ProviderUnreachable);
const INVALID: scene::Ends = Free(Code::ProviderInvalidRequest);
const REJECTED: scene::Ends = Free(Code::ProviderKeyRejected);
const PENNILESS: scene::Ends = Free(Code::ProviderQuotaExhausted);
const FORBIDDEN: scene::Ends = Free(Code::ProviderPermission);
const NOT_FOUND: scene::Ends = Free(Code::ProviderNotFound);
const LATE: scene::Ends = Free(Code::ProviderTimeout);
const LIMITED: scene::Ends = Free(Code::ProviderRateLimited);
const BROKEN: scene::Ends = Free(Code::ProviderFailed);
const OVERLOADED: scene::Ends = Free(Code::ProviderOverloaded);
const GIBBERISH: scene::Ends = Free(Code::ProviderMalformed);

matrix! {
    connect_refused: Nobody => UNREACHABLE, UNREACHABLE, UNREACHABLE;
    dns: NoName => UNREACHABLE, UNREACHABLE, UNREACHABLE;
    tls: NoTls => UNREACHABLE, UNREACHABLE, UNREACHABLE;
    status_400: Does("status code=400") => INVALID, INVALID, INVALID;
    status_401: Does("status code=401") => REJECTED, REJECTED, REJECTED;
    status_402: Does("status code=402") => PENNILESS, PENNILESS, PENNILESS;
    status_403: Does("status code=403") => FORBIDDEN, FORBIDDEN, FORBIDDEN;
    status_404: Does("status code=404") => NOT_FOUND, NOT_FOUND, NOT_FOUND;
    status_408: Does("status code=408") => LATE, LATE, Unknown;
    status_413: Does("status code=413") => INVALID, INVALID, INVALID;
    status_429: Does("status code=429") => LIMITED, LIMITED, LIMITED;
    status_429_retry_after: Does("status code=429 retry_after=120") => LIMITED, LIMITED, LIMITED;
    status_500: Does("status code=500") => BROKEN, BROKEN, Unknown;
    status_503: Does("status code=503") => OVERLOADED, OVERLOADED, Unknown;
    status_529: Does("status code=529") => OVERLOADED, OVERLOADED, Unknown;
    reset_before_headers: Does("reset") => UNREACHABLE, UNREACHABLE, Unknown;
    slow_drip: Does("slow tps=40") => Well, Well, Well;
    silence: Does("silence") => LATE, LATE, Unknown;
    invalid_utf8: Does("invalid_utf8 after=1") => Well, Well, WellOrUnknown;
    giant_line: Does("giant_line kib=1024") => Well, Well, Well;
    web_page: Does("garbage after=0") => GIBBERISH, GIBBERISH, Unknown;
    wrong_content_type: Does("wrong_type") => Well, Well, Well;
    usage_missing: Does("no_usage") => Counted, Counted, Counted;
    usage_negative: Does("negative_usage") => Counted, Counted, Counted;
    usage_over_the_ceiling: Does("overrun by=500000") => Ceiling, Ceiling, Ceiling;
    duplicate_terminal_event: Does("double_end") => Well, Well, Well;
}
