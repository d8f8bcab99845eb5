//! From one exact count to the count of any provider family: what is likely, and a bound for holds.

use anyai_units::{Interval, Tokens};
use serde::Deserialize;

use crate::count::{TextCount, TextKind};
use crate::image::{ImageRule, ImageSize, Pictures};

/// Whose counting rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// OpenAI's o200k vocabulary: counted exactly.
    O200k,
    /// Claude 3 to Opus 4.6.
    ClaudeV3,
    /// Claude Opus 4.7.
    ClaudeV47,
    /// Claude Opus 4.8 and every Claude 5.
    ClaudeV48,
    /// Gemini, in a vocabulary that is not published or not to be had.
    Gemini,
    /// Gemini 2 to 3, which count in the vocabulary of Gemma 3.
    Gemma3,
    /// Grok.
    Grok,
    /// Not known: bounded by bytes.
    Unknown,
}

impl Family {
    /// Every family, in the order of the data file.
    pub const ALL: [Self; 8] = [
        Self::O200k,
        Self::ClaudeV3,
        Self::ClaudeV47,
        Self::ClaudeV48,
        Self::Gemini,
        Self::Gemma3,
        Self::Grok,
        Self::Unknown,
    ];

    /// The spelling in data files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::O200k => "o200k",
            Self::ClaudeV3 => "claude-v3",
            Self::ClaudeV47 => "claude-v4.7",
            Self::ClaudeV48 => "claude-v4.8",
            Self::Gemini => "gemini",
            Self::Gemma3 => "gemma3",
            Self::Grok => "grok",
            Self::Unknown => "unknown",
        }
    }
}

/// A count with its spread, and a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bounded {
    /// What the provider will bill: the 90 % interval.
    pub expected: Interval<Tokens>,
    /// What is likely by that alone which every program knows, without a vocabulary that one may have
    /// and another not, and without anything learned. Limits rest on it, so that app and server agree.
    pub agreed: Tokens,
    /// The bound that holds are computed from; the data file says for each family whether it is a
    /// theorem or a measured margin.
    pub upper: Tokens,
}

impl Bounded {
    pub(crate) fn new(expected: Interval<u64>, upper: u64) -> Self {
        let upper = upper.max(expected.high);
        Self {
            expected: expected.map(Tokens::new),
            agreed: Tokens::new(expected.likely),
            upper: Tokens::new(upper),
        }
    }

    /// The same with what only this program knows of it, which moves no limit and no bound.
    #[must_use]
    pub fn known_to_be(self, expected: Interval<Tokens>) -> Self {
        Self {
            expected: expected.map(|tokens| tokens.min(self.upper)),
            ..self
        }
    }

    /// A count without spread.
    pub(crate) fn exact(likely: u64, upper: u64) -> Self {
        Self::new(
            Interval {
                low: likely,
                likely,
                high: likely,
            },
            upper,
        )
    }
}

impl std::ops::Add for Bounded {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let expected = Interval {
            low: self.expected.low + other.expected.low,
            likely: self.expected.likely + other.expected.likely,
            high: self.expected.high + other.expected.high,
        };
        Self {
            expected,
            agreed: self.agreed + other.agreed,
            upper: self.upper + other.upper,
        }
    }
}

impl std::iter::Sum for Bounded {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), std::ops::Add::add)
    }
}

/// The embedded measurements cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FamiliesError {
    /// The data file does not parse.
    #[error("the measurements of tokenizer families cannot be read: {reason}")]
    Malformed {
        /// What the parser says.
        reason: String,
    },
    /// A family, or a rule for pictures, is missing or out of order.
    #[error("the measurements do not have {family} in its place")]
    Missing {
        /// Its name.
        family: &'static str,
    },
}

/// The measured rules of every family.
#[derive(Clone, Debug)]
pub struct Families {
    rules: [Rule; Family::ALL.len()],
    pictures: Pictures,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    ratio_permille: [u64; TextKind::ALL.len()],
    spread_permille: u64,
    fetched_spread_permille: u64,
    bytes_permille: u64,
    count_permille: u64,
    per_request: FrameText,
    per_message: FrameText,
}

impl Families {
    /// The measurements this crate was built with.
    ///
    /// # Errors
    /// A [`FamiliesError`] when they are damaged, which a test of this crate excludes.
    pub fn embedded() -> Result<Self, FamiliesError> {
        let text: FamiliesText =
            toml::from_str(include_str!("../data/families.toml")).map_err(|error| {
                FamiliesError::Malformed {
                    reason: error.to_string(),
                }
            })?;
        let mut rules = [Rule::NOTHING; Family::ALL.len()];
        for (at, family) in Family::ALL.into_iter().enumerate() {
            let found = text
                .family
                .get(at)
                .filter(|found| found.name == family.as_str());
            let found = found.ok_or(FamiliesError::Missing {
                family: family.as_str(),
            })?;
            rules[at] = found.rule();
        }
        let pictures = Pictures::embedded()?;
        Ok(Self { rules, pictures })
    }

    /// The tokens of a picture.
    #[must_use]
    pub fn picture(&self, rule: ImageRule, size: ImageSize) -> Bounded {
        self.pictures.count(rule, size)
    }

    /// The tokens of a text, without any frame.
    #[must_use]
    pub fn text(&self, family: Family, text: &TextCount) -> Bounded {
        let rule = &self.rules[family as usize];
        let exact = exact(family, text);
        let likely = exact.unwrap_or_else(|| rule.weighted(text).div_ceil(1_000));
        let by_bytes = permille(text.bytes, rule.bytes_permille);
        let counted = exact.unwrap_or(text.o200k);
        let by_count =
            permille(counted, rule.count_permille).saturating_add(uncounted(family, text));
        let upper = by_bytes.min(by_count).saturating_add(text.unread);
        let bounded = Bounded::new(around(likely, rule.spread_permille), upper);
        match fetched(family, text) {
            Some(tokens) => {
                let expected = around(tokens, rule.fetched_spread_permille);
                bounded.known_to_be(expected.map(Tokens::new))
            }
            None => bounded,
        }
    }

    /// Whether a text was counted in a vocabulary that was fetched.
    #[must_use]
    pub fn is_fetched(&self, family: Family, text: &TextCount) -> bool {
        fetched(family, text).is_some()
    }

    /// What a request of that many messages costs beyond its texts.
    #[must_use]
    pub fn frame(&self, family: Family, messages: u32) -> Bounded {
        let rule = &self.rules[family as usize];
        let times = |tokens: u64| tokens.saturating_mul(messages.into());
        let likely = times(rule.per_message.likely).saturating_add(rule.per_request.likely);
        let upper = times(rule.per_message.upper).saturating_add(rule.per_request.upper);
        Bounded::exact(likely, upper)
    }

    /// Tokens of the family per 1,000 o200k tokens of a text like this one; English prose when it
    /// is empty.
    #[must_use]
    pub fn ratio_permille(&self, family: Family, like: &TextCount) -> u64 {
        let rule = &self.rules[family as usize];
        rule.weighted(like)
            .checked_div(like.o200k)
            .unwrap_or(rule.ratio_permille[0])
    }
}

/// The count in the family's own vocabulary, where there is one here.
fn exact(family: Family, text: &TextCount) -> Option<u64> {
    match family {
        Family::O200k => Some(text.o200k),
        Family::ClaudeV3 => Some(text.claude.v3),
        Family::ClaudeV47 => Some(text.claude.v47),
        Family::ClaudeV48 => Some(text.claude.v48),
        Family::Gemini | Family::Gemma3 | Family::Grok | Family::Unknown => None,
    }
}

/// The count in a vocabulary that was fetched, where all of the text was counted in it.
fn fetched(family: Family, text: &TextCount) -> Option<u64> {
    let is_whole = family == Family::Gemma3 && text.gemma_bytes == text.bytes;
    is_whole.then_some(text.gemma)
}

/// A count with so much to either side.
fn around(likely: u64, spread_permille: u64) -> Interval<u64> {
    let spread = permille(likely, spread_permille);
    Interval {
        low: likely.saturating_sub(spread),
        likely,
        high: likely.saturating_add(spread),
    }
}

/// Bytes outside the count, each of which a bound takes for a token.
fn uncounted(family: Family, text: &TextCount) -> u64 {
    match family {
        Family::O200k => 0,
        // Measured on single ones; nobody has billed a megabyte of them.
        Family::ClaudeV3 | Family::ClaudeV47 | Family::ClaudeV48 => text.claude.dropped_bytes,
        // A vocabulary that merges runs of one character less than o200k does spends up to a
        // token on each of their bytes.
        Family::Gemini | Family::Gemma3 | Family::Grok | Family::Unknown => text.run_bytes,
    }
}

/// A share in permille, rounded up.
fn permille(tokens: u64, permille: u64) -> u64 {
    tokens.saturating_mul(permille).div_ceil(1_000)
}

impl Rule {
    const NOTHING: Self = Self {
        ratio_permille: [0; TextKind::ALL.len()],
        spread_permille: 0,
        fetched_spread_permille: 0,
        bytes_permille: 0,
        count_permille: 0,
        per_request: FrameText {
            likely: 0,
            upper: 0,
        },
        per_message: FrameText {
            likely: 0,
            upper: 0,
        },
    };

    /// Thousandths of tokens.
    fn weighted(&self, text: &TextCount) -> u64 {
        let parts = text.by_kind.iter().zip(self.ratio_permille);
        parts.fold(0, |sum, (tokens, ratio)| {
            sum.saturating_add(tokens.saturating_mul(ratio))
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamiliesText {
    family: Vec<FamilyText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyText {
    name: String,
    spread_permille: u64,
    #[serde(default)]
    fetched_spread_permille: u64,
    ratio: RatioText,
    upper: UpperText,
    per_request: FrameText,
    per_message: FrameText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RatioText {
    plain: u64,
    accented: u64,
    code: u64,
    han: u64,
    kana: u64,
    hangul: u64,
    cyrillic: u64,
    other: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpperText {
    bytes_permille: u64,
    count_permille: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameText {
    likely: u64,
    upper: u64,
}

impl FamilyText {
    fn rule(&self) -> Rule {
        let ratio = |kind| match kind {
            TextKind::Plain => self.ratio.plain,
            TextKind::Accented => self.ratio.accented,
            TextKind::Code => self.ratio.code,
            TextKind::Han => self.ratio.han,
            TextKind::Kana => self.ratio.kana,
            TextKind::Hangul => self.ratio.hangul,
            TextKind::Cyrillic => self.ratio.cyrillic,
            TextKind::Other => self.ratio.other,
        };
        Rule {
            ratio_permille: TextKind::ALL.map(ratio),
            spread_permille: self.spread_permille,
            fetched_spread_permille: self.fetched_spread_permille,
            bytes_permille: self.upper.bytes_permille,
            count_permille: self.upper.count_permille,
            per_request: self.per_request,
            per_message: self.per_message,
        }
    }
}
