//! What can go wrong on purpose.

use std::str::FromStr;

/// Which of a provider's requests a fault is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A request for an answer, a picture or a clip: the one that is paid.
    #[default]
    Answer,
    /// A question how a job is doing.
    Poll,
    /// The download of what was made.
    Download,
}

/// A fault, for one request. "After" counts output tokens of a text; of everything else it counts
/// the events of a stream, or the eighths of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `overloaded`: the provider's "overloaded" refusal.
    Overloaded,
    /// `rate_limited retry_after=2`: refused, with the wait in the provider's own place.
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// `quota`: the account's money or daily allowance is used up.
    QuotaExhausted,
    /// `server`: an internal error before any output.
    ServerError,
    /// `timeout`: the provider's own "took too long".
    Timeout,
    /// `auth`: the key is refused.
    Unauthorized,
    /// `forbidden`: the key may not use the model.
    Forbidden,
    /// `not_found`: the model is unknown.
    UnknownModel,
    /// `context`: the prompt is called too long.
    ContextOverflow,
    /// `bad_request`: the provider finds fault with a parameter.
    BadRequest,
    /// `status code=413 retry_after=5`: refused with this HTTP status in the provider's shape,
    /// with a wait in the provider's own place only if one is given.
    Status {
        /// The status, from 400 to 599; anything else counts as 500.
        code: u16,
        /// Seconds to wait; 0 says nothing of a wait.
        retry_after_s: u32,
    },
    /// `reset`: the connection breaks before the head of a response.
    Reset,
    /// `silence`: the connection stays open and nothing comes, not even a head.
    Silence,
    /// `refuse`: the model declines, in the provider's form for that.
    Refuse,
    /// `midstream_error after=40`: an error event inside a good stream.
    MidstreamError {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `cut after=40`: the connection breaks.
    Cut {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `eof after=40`: the stream ends in good order, but without its last events.
    EarlyEnd {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `hang after=0`: nothing more comes, and the connection stays open.
    Hang {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `invalid_utf8 after=5`: bytes that are no text inside an event.
    InvalidUtf8 {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `garbage after=0`: from there on not the protocol at all; after 0, a web page.
    Garbage {
        /// Output tokens before it.
        after_tokens: u64,
    },
    /// `giant_line kib=65536`: the body starts with a line of so many KiB; of a whole answer, with
    /// that much white space.
    GiantLine {
        /// Its length.
        kib: u32,
    },
    /// `wrong_type`: a good answer that calls itself a web page.
    WrongType,
    /// `double_end`: the events that end the answer come twice; a whole answer comes twice.
    DoubleEnd,
    /// `no_usage`: the usage record never comes.
    NoUsage,
    /// `huge_usage`: token counts near the end of 64 bits.
    HugeUsage,
    /// `negative_usage`: token counts below zero.
    NegativeUsage,
    /// `overrun by=100`: reports more output tokens than the request allowed.
    Overrun {
        /// How many more.
        by_tokens: u64,
    },
    /// `empty`: every allowed token is spent on thinking; no text, stopped by length.
    EmptyAnswer,
    /// `slow tps=5`: this many tokens a second, whatever the pace.
    Slow {
        /// Output tokens a second; 0 counts as 1.
        tokens_per_second: u32,
    },
    /// `split bytes=1`: the body comes in pieces of so many bytes.
    Split {
        /// Bytes a piece; 0 counts as 1.
        bytes: usize,
    },
}

/// Why a fault's words were not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseFaultError {
    /// No fault has this name.
    #[error("there is no fault named {0:?}")]
    UnknownName(String),
    /// A setting is not `key=number` with a key this fault has.
    #[error("the fault {name:?} does not take {setting:?}")]
    BadSetting {
        /// The fault.
        name: String,
        /// The setting as written.
        setting: String,
    },
}

impl Fault {
    /// Reads `name key=value`, as between `[[fault:` and `]]`. Settings left out have the values
    /// shown at each fault (`after` 20).
    ///
    /// # Errors
    /// [`ParseFaultError`] for a name or setting that does not exist.
    pub fn parse(words: &str) -> Result<Self, ParseFaultError> {
        let (name, mut settings) = Settings::read(words)?;
        let fault = match name.as_str() {
            "overloaded" => Self::Overloaded,
            "rate_limited" => Self::RateLimited {
                retry_after_s: settings.take("retry_after", 2),
            },
            "quota" => Self::QuotaExhausted,
            "server" => Self::ServerError,
            "timeout" => Self::Timeout,
            "auth" => Self::Unauthorized,
            "forbidden" => Self::Forbidden,
            "not_found" => Self::UnknownModel,
            "context" => Self::ContextOverflow,
            "bad_request" => Self::BadRequest,
            "status" => Self::Status {
                code: settings.take("code", 500),
                retry_after_s: settings.take("retry_after", 0),
            },
            "reset" => Self::Reset,
            "silence" => Self::Silence,
            "refuse" => Self::Refuse,
            "midstream_error" => Self::MidstreamError {
                after_tokens: settings.take("after", 20),
            },
            "cut" => Self::Cut {
                after_tokens: settings.take("after", 20),
            },
            "eof" => Self::EarlyEnd {
                after_tokens: settings.take("after", 20),
            },
            "hang" => Self::Hang {
                after_tokens: settings.take("after", 0),
            },
            "invalid_utf8" => Self::InvalidUtf8 {
                after_tokens: settings.take("after", 5),
            },
            "garbage" => Self::Garbage {
                after_tokens: settings.take("after", 0),
            },
            "giant_line" => Self::GiantLine {
                kib: settings.take("kib", 65_536),
            },
            "wrong_type" => Self::WrongType,
            "double_end" => Self::DoubleEnd,
            "no_usage" => Self::NoUsage,
            "huge_usage" => Self::HugeUsage,
            "negative_usage" => Self::NegativeUsage,
            "overrun" => Self::Overrun {
                by_tokens: settings.take("by", 100),
            },
            "empty" => Self::EmptyAnswer,
            "slow" => Self::Slow {
                tokens_per_second: settings.take("tps", 5),
            },
            "split" => Self::Split {
                bytes: settings.take("bytes", 1),
            },
            _ => return Err(ParseFaultError::UnknownName(name)),
        };
        settings.none_left(&name)?;
        Ok(fault)
    }

    /// The output tokens after which it strikes, for those that strike inside an answer.
    pub(crate) const fn strikes_after(self) -> Option<u64> {
        match self {
            Self::MidstreamError { after_tokens }
            | Self::Cut { after_tokens }
            | Self::EarlyEnd { after_tokens }
            | Self::Hang { after_tokens }
            | Self::InvalidUtf8 { after_tokens }
            | Self::Garbage { after_tokens } => Some(after_tokens),
            _ => None,
        }
    }
}

struct Settings {
    pairs: Vec<(String, String)>,
}

impl Settings {
    fn read(words: &str) -> Result<(String, Self), ParseFaultError> {
        let mut words = words.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let mut pairs = Vec::new();
        for setting in words {
            match setting.split_once('=') {
                Some((key, value)) if value.parse::<u64>().is_ok() => {
                    pairs.push((key.to_owned(), value.to_owned()));
                }
                _ => {
                    return Err(ParseFaultError::BadSetting {
                        name,
                        setting: setting.to_owned(),
                    });
                }
            }
        }
        Ok((name, Self { pairs }))
    }

    fn take<N: FromStr>(&mut self, key: &str, otherwise: N) -> N {
        let Some(at) = self.pairs.iter().position(|(name, _)| name == key) else {
            return otherwise;
        };
        // A number too large for its place stays in the list and is refused with it.
        match self.pairs[at].1.parse() {
            Ok(value) => {
                self.pairs.remove(at);
                value
            }
            Err(_) => otherwise,
        }
    }

    fn none_left(self, name: &str) -> Result<(), ParseFaultError> {
        match self.pairs.into_iter().next() {
            None => Ok(()),
            Some((key, value)) => Err(ParseFaultError::BadSetting {
                name: name.to_owned(),
                setting: format!("{key}={value}"),
            }),
        }
    }
}

/// How often requests fail on their own, in requests of a thousand; which ones, the seed decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRates {
    /// [`Fault::Overloaded`].
    pub overloaded_per_mille: u16,
    /// [`Fault::RateLimited`], with a wait of one second.
    pub rate_limited_per_mille: u16,
    /// [`Fault::MidstreamError`], somewhere in the first 60 tokens.
    pub midstream_error_per_mille: u16,
    /// [`Fault::Cut`], somewhere in the first 60 tokens.
    pub cut_per_mille: u16,
    /// [`Fault::ServerError`].
    pub server_error_per_mille: u16,
    /// [`Fault::Refuse`].
    pub refused_per_mille: u16,
    /// [`Fault::ServerError`] for polls of a job.
    pub poll_error_per_mille: u16,
    /// [`Fault::Cut`] in downloads of what was made.
    pub download_cut_per_mille: u16,
}

impl FaultRates {
    /// No faults.
    pub const NONE: Self = Self {
        overloaded_per_mille: 0,
        rate_limited_per_mille: 0,
        midstream_error_per_mille: 0,
        cut_per_mille: 0,
        server_error_per_mille: 0,
        refused_per_mille: 0,
        poll_error_per_mille: 0,
        download_cut_per_mille: 0,
    };

    /// The fault of a request at this stage, from two independent draws.
    pub(crate) fn draw(&self, stage: Stage, draw: u64, place: u64) -> Option<Fault> {
        let after_tokens = place % 60;
        let answer = [
            (self.overloaded_per_mille, Fault::Overloaded),
            (
                self.rate_limited_per_mille,
                Fault::RateLimited { retry_after_s: 1 },
            ),
            (
                self.midstream_error_per_mille,
                Fault::MidstreamError { after_tokens },
            ),
            (self.cut_per_mille, Fault::Cut { after_tokens }),
            (self.server_error_per_mille, Fault::ServerError),
            (self.refused_per_mille, Fault::Refuse),
        ];
        let poll = [(self.poll_error_per_mille, Fault::ServerError)];
        let download = [(self.download_cut_per_mille, Fault::Cut { after_tokens: 4 })];
        let table = match stage {
            Stage::Answer => answer.as_slice(),
            Stage::Poll => &poll,
            Stage::Download => &download,
        };
        let mut drawn = draw % 1_000;
        for (per_mille, fault) in table {
            let share = u64::from(*per_mille);
            if drawn < share {
                return Some(*fault);
            }
            drawn -= share;
        }
        None
    }
}
