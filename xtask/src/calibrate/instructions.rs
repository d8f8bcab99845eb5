//! Short everyday requests and what models answered: the results of M-IFEval, read from a checkout of its
//! repository. The recorded turns have few such requests, and without them a greeting is forecast like an essay.

use std::path::{Path, PathBuf};

use anyai_tokens::Counter;
use anyhow::{Context, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::turns::{Line, Message};

/// What the turns are called in tables.
pub(super) const SOURCE: &str = "m_ifeval";
/// Where the repository keeps what models answered, a folder for each language and model.
const RESULTS: &str = "evaluations";
const FOLDER_INFIX: &str = "_input_response_data_";
const FILE: &str = "eval_results_loose.jsonl";
/// Models so small that many of their answers repeat themselves until they are cut.
const SMALL: [&str; 3] = ["Qwen2.5-0.5B", "Qwen2.5-1.5B", "Qwen2.5-3B"];
/// How a name says that a model's weights were rounded.
const ROUNDED: [&str; 2] = ["-GPTQ-Int4", "-AWQ-INT4"];

#[derive(Deserialize)]
struct Answered {
    prompt: String,
    /// Nothing where the provider refused.
    response: Option<String>,
}

/// Every answer in the checkout, in the order of the files' names; `digest` is told what was read.
pub(super) fn read(checkout: &Path, digest: &mut Sha256) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for folder in folders(&checkout.join(RESULTS))? {
        let Some((language, model)) = told(&folder) else {
            continue;
        };
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        digest.update(text.as_bytes());
        for line in text.lines() {
            let answered: Answered = serde_json::from_str(line)?;
            lines.extend(answered.into_line(&language, &model)?);
        }
    }
    Ok(lines)
}

fn folders(results: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(results).with_context(|| results.display().to_string())?;
    let mut folders = Vec::new();
    for entry in entries {
        folders.push(entry?.path());
    }
    folders.sort();
    Ok(folders)
}

/// The language and the model of a folder, unless the model is too small.
fn told(folder: &Path) -> Option<(String, String)> {
    let (language, model) = folder.file_name()?.to_str()?.split_once(FOLDER_INFIX)?;
    let model = model.rsplit("__").next()?;
    let model = ROUNDED
        .iter()
        .fold(model, |model, rounded| model.trim_end_matches(rounded));
    let is_small = SMALL.iter().any(|small| model.starts_with(small));
    (!is_small).then(|| (language.to_owned(), model.to_owned()))
}

impl Answered {
    fn into_line(self, language: &str, model: &str) -> Result<Option<Line>> {
        let Some(response) = self.response.filter(|response| !response.is_empty()) else {
            return Ok(None);
        };
        let counter = Counter::shared()?;
        let prompt = Sha256::digest(self.prompt.as_bytes());
        Ok(Some(Line {
            source: SOURCE.to_owned(),
            model: model.to_owned(),
            group: format!(
                "{SOURCE}/{language}/{:02x}{:02x}{:02x}{:02x}",
                prompt[0], prompt[1], prompt[2], prompt[3]
            ),
            input_tokens: counter.count(&self.prompt).o200k().count(),
            output_tokens: counter.count(&response).o200k().count(),
            thinking_tokens: 0,
            prev_output_tokens: None,
            turn: None,
            conversation: vec![Message {
                content: self.prompt,
            }],
        }))
    }
}
