//! The model list, and how models of the operator's own server join it.

use anyai_units::Tokens;
use serde::Deserialize;
use toml::value::Datetime;

use super::image_models::ImageModelText;
use super::prompt_caches::PromptCacheText;
use super::video_models::VideoModelText;
use super::{LoadError, instant, read};
use crate::catalogue::LocalModel;
use crate::documents::DocumentKind;
use crate::model::{
    Api, Effort, EffortKnob, EffortWire, ImageTokens, Modalities, Model, ModelId, Provider,
    Thinking, Tokenizer,
};

/// Context windows and output limits, in tokens.
const LIMIT_TOKENS_MIN: u64 = 256;
const LIMIT_TOKENS_MAX: u64 = 100_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsText {
    #[serde(default)]
    model: Vec<ModelText>,
    #[serde(default)]
    image_model: Vec<ImageModelText>,
    #[serde(default)]
    video_model: Vec<VideoModelText>,
    #[serde(default)]
    prompt_cache: Vec<PromptCacheText>,
}

/// Models as written, in the list or in a rate card of the operator's own.
pub(super) struct ModelTexts {
    pub(super) chat: Vec<ModelText>,
    pub(super) image: Vec<ImageModelText>,
    pub(super) video: Vec<VideoModelText>,
    pub(super) prompt_caches: Vec<PromptCacheText>,
}

impl ModelTexts {
    pub(super) fn and(mut self, more: Self) -> Self {
        self.chat.extend(more.chat);
        self.image.extend(more.image);
        self.video.extend(more.video);
        self.prompt_caches.extend(more.prompt_caches);
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelText {
    id: String,
    label: String,
    provider: String,
    api: String,
    context_window: u64,
    max_input: u64,
    max_output: u64,
    #[serde(default)]
    input: Vec<String>,
    thinking: String,
    effort: Option<EffortText>,
    #[serde(default = "yes")]
    sampling: bool,
    prompt_cache_min: Option<u64>,
    tokenizer: String,
    image_tokens: String,
    shuts_down: Option<Datetime>,
    strengths: String,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffortText {
    wire: String,
    values: Vec<String>,
    default: String,
}

pub(super) fn read_models(text: &str) -> Result<ModelTexts, LoadError> {
    let document = DocumentKind::Models;
    let text: ModelsText = read(document, text)?;
    if text.model.is_empty() {
        return Err(LoadError::Empty { document });
    }
    Ok(ModelTexts {
        chat: text.model,
        image: text.image_model,
        video: text.video_model,
        prompt_caches: text.prompt_cache,
    })
}

impl ModelText {
    pub(super) fn check(self) -> Result<Model, LoadError> {
        self.check_limits()?;
        let effort = self
            .effort
            .as_ref()
            .map(|effort| effort.check(&self.id))
            .transpose()?;
        let word = |field, value: &str| LoadError::UnknownWord {
            model: self.id.clone(),
            field,
            value: value.to_owned(),
        };
        Ok(Model {
            id: ModelId::new(&self.id),
            provider: Provider::from_text(&self.provider)
                .ok_or_else(|| word("provider", &self.provider))?,
            api: Api::from_text(&self.api)
                .filter(|api| api.makes_words())
                .ok_or_else(|| word("api", &self.api))?,
            context_window: Tokens::new(self.context_window),
            max_input: Tokens::new(self.max_input),
            max_output: Tokens::new(self.max_output),
            input: modalities(&self.id, &self.input)?,
            thinking: Thinking::from_text(&self.thinking)
                .ok_or_else(|| word("thinking", &self.thinking))?,
            effort,
            sampling: self.sampling,
            prompt_cache_min: self.prompt_cache_min.map(Tokens::new),
            tokenizer: Tokenizer::from_text(&self.tokenizer)
                .ok_or_else(|| word("tokenizer", &self.tokenizer))?,
            image_tokens: ImageTokens::from_text(&self.image_tokens)
                .ok_or_else(|| word("image_tokens", &self.image_tokens))?,
            shuts_down_at: self.shuts_down.as_ref().map(instant).transpose()?,
            label: self.label,
            strengths: self.strengths,
        })
    }

    fn check_limits(&self) -> Result<(), LoadError> {
        let within = |tokens, most| (LIMIT_TOKENS_MIN..=most).contains(&tokens);
        let field = if !within(self.context_window, LIMIT_TOKENS_MAX) {
            "context_window"
        } else if !within(self.max_input, self.context_window) {
            "max_input"
        } else if !within(self.max_output, self.context_window) {
            "max_output"
        } else if self.id.trim().is_empty() {
            "id"
        } else if self.label.trim().is_empty() {
            "label"
        } else {
            return Ok(());
        };
        Err(LoadError::ImpossibleLimit {
            model: self.id.clone(),
            field,
        })
    }
}

impl EffortText {
    fn check(&self, model: &str) -> Result<EffortKnob, LoadError> {
        let word = |value: &str| LoadError::UnknownWord {
            model: model.to_owned(),
            field: "effort",
            value: value.to_owned(),
        };
        let values = self.values.iter();
        let values = values
            .map(|value| Effort::from_text(value).ok_or_else(|| word(value)))
            .collect::<Result<Vec<_>, _>>()?;
        let default = Effort::from_text(&self.default)
            .filter(|default| values.contains(default))
            .ok_or_else(|| word(&self.default))?;
        if !values.is_sorted_by(|a, b| a < b) {
            return Err(word(&self.values.join(" ")));
        }
        let wire = EffortWire::from_text(&self.wire).ok_or_else(|| word(&self.wire))?;
        Ok(EffortKnob {
            wire,
            values,
            default,
        })
    }
}

fn modalities(model: &str, words: &[String]) -> Result<Modalities, LoadError> {
    let mut input = Modalities::default();
    for word in words {
        let flag = match word.as_str() {
            "image" => &mut input.image,
            "pdf" => &mut input.pdf,
            "audio" => &mut input.audio,
            "video" => &mut input.video,
            _ => {
                return Err(LoadError::UnknownWord {
                    model: model.to_owned(),
                    field: "input",
                    value: word.clone(),
                });
            }
        };
        *flag = true;
    }
    Ok(input)
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Discovered models as the text of a model list, so that documents stay the whole truth.
pub(crate) fn local_models_text(models: &[LocalModel]) -> String {
    models
        .iter()
        .map(|model| {
            let (window, output) = (model.context_window.count(), model.max_output.count());
            let input = if model.image { "[\"image\"]" } else { "[]" };
            format!(
                "\n[[model]]\nid = {}\nlabel = {}\nprovider = \"local\"\napi = \"chat-completions\"\n\
                 context_window = {window}\nmax_input = {window}\nmax_output = {output}\n\
                 input = {input}\nthinking = \"never\"\ntokenizer = \"unknown\"\n\
                 image_tokens = \"unknown\"\nstrengths = \"Runs on your own server: no credits.\"\n",
                quoted(&model.id),
                quoted(&model.label),
            )
        })
        .collect()
}
