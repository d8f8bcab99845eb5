//! Families of models: who made them, and whether they think before they answer.

use anyai_catalog::Provider;

/// Who made a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// OpenAI.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google.
    Google,
    /// xAI.
    Xai,
    /// Meta, and models made from theirs.
    Meta,
    /// Alibaba's Qwen.
    Qwen,
    /// Mistral.
    Mistral,
    /// DeepSeek.
    DeepSeek,
    /// Anybody else.
    Other,
}

/// Models that are alike before anything is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Who made them.
    pub maker: Maker,
    /// Whether they think before they answer.
    pub thinks: bool,
}

const MAKERS: [(Maker, &str, &[&str]); 9] = [
    (Maker::Anthropic, "anthropic", &["claude"]),
    (
        Maker::Google,
        "google",
        &["gemini", "gemma", "palm", "bard"],
    ),
    (Maker::Xai, "xai", &["grok"]),
    (
        Maker::DeepSeek,
        "deepseek",
        &["deepseek", "r1-1776", "mai-ds"],
    ),
    (Maker::Qwen, "qwen", &["qwen", "qwq"]),
    (
        Maker::Mistral,
        "mistral",
        &["mistral", "mixtral", "ministral", "codestral", "magistral"],
    ),
    (
        Maker::Meta,
        "meta",
        &["llama", "vicuna", "alpaca", "nemotron"],
    ),
    (
        Maker::OpenAi,
        "openai",
        &[
            "gpt", "davinci", "o1", "o3", "o4", "horizon", "optimus", "quasar",
        ],
    ),
    (Maker::Other, "other", &[""]),
];

/// Parts of the names of models that think.
const THINKING: [&str; 12] = [
    "think",
    "reason",
    "thk",
    "r1",
    "o1",
    "o3",
    "o4",
    "qwq",
    "z1",
    "magistral",
    "gpt-5",
    "gpt-oss",
];

impl Family {
    /// Families there are.
    pub const COUNT: usize = 2 * MAKERS.len();

    /// Every family.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |thinks| MAKERS.map(|(maker, _, _)| Self { maker, thinks });
        of(false).into_iter().chain(of(true))
    }

    /// The family of a name. Whether a model thinks is read from the name unless it is known.
    #[must_use]
    pub fn of_name(name: &str, thinks: Option<bool>) -> Self {
        let name = name.to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let maker = MAKERS
            .iter()
            .find(|(_, _, parts)| has(parts))
            .map_or(Maker::Other, |(maker, _, _)| *maker);
        let thinks = thinks.unwrap_or_else(|| has(&THINKING) && !name.contains("nothink"));
        Self { maker, thinks }
    }

    /// The family of a model of the catalogue.
    #[must_use]
    pub fn of_provider(provider: Provider, name: &str, thinks: bool) -> Self {
        let maker = match provider {
            Provider::OpenAi => Maker::OpenAi,
            Provider::Anthropic => Maker::Anthropic,
            Provider::Google => Maker::Google,
            Provider::Xai => Maker::Xai,
            Provider::OpenRouter | Provider::Local => return Self::of_name(name, Some(thinks)),
        };
        Self { maker, thinks }
    }

    /// Its place among [`Self::all`].
    #[must_use]
    pub fn place(self) -> usize {
        let maker = MAKERS.iter().position(|(maker, _, _)| *maker == self.maker);
        maker.unwrap_or(MAKERS.len() - 1) + if self.thinks { MAKERS.len() } else { 0 }
    }

    /// Its name in the data file.
    #[must_use]
    pub fn name(self) -> String {
        let maker = MAKERS[self.place() % MAKERS.len()].1;
        let manner = if self.thinks { "thinking" } else { "plain" };
        format!("{maker}-{manner}")
    }
}
