//! What is about to be sent, in counts.

use anyai_catalog::{Effort, ModelId};
use anyai_tokens::{ImageSize, TextCount};
use anyai_units::{Tokens, UtcMillis};

use crate::attached::Attached;
use crate::forecast::{Asked, PromptFeatures};
use crate::learning::Adjustment;
use crate::row::Replies;

/// The conversation that will be sent before the draft. Build it once when the conversation or the
/// branch changes, not on every key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub(crate) text: TextCount,
    pub(crate) messages: u32,
    /// Pictures, but for the pages of documents.
    pub(crate) images: Vec<ImageSize>,
    pub(crate) documents: Vec<Attached>,
    /// The last time each model was sent the conversation.
    sent: Vec<Sent>,
    pub(crate) replies: Replies,
}

/// What a provider was sent and may still have in its prompt cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    model: ModelId,
    pub(crate) at: UtcMillis,
    /// Everything up to there, which what is sent now starts with.
    pub(crate) text: TextCount,
    images: usize,
    documents: usize,
}

impl History {
    /// No conversation yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message of the person, with its files.
    pub fn push_user(&mut self, text: TextCount, files: &[Attached]) {
        self.push(text);
        for file in files {
            if file.is_document {
                self.documents.push(file.clone());
            } else {
                self.text += file.text;
                self.images.extend_from_slice(&file.images);
            }
        }
    }

    /// Notes that everything so far was sent to a model at an instant. Whether it is still in its
    /// provider's cache is for the catalogue to say.
    pub fn sent_to(&mut self, model: &ModelId, at: UtcMillis) {
        self.sent.retain(|sent| sent.model != *model);
        self.sent.push(Sent {
            model: model.clone(),
            at,
            text: self.text,
            images: self.images.len(),
            documents: self.documents.len(),
        });
    }

    /// Adds a reply. `thinking` is what was billed with it but is not sent again, in o200k units.
    pub fn push_reply(&mut self, text: TextCount, thinking: Tokens) {
        self.push(text);
        self.replies.push((text.o200k() + thinking).count());
    }

    /// Notes the length of a reply, thinking included, in o200k tokens, whose text is not at hand.
    pub fn note_reply(&mut self, tokens: Tokens) {
        self.replies.push(tokens.count());
    }

    /// Whether nothing was said yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.messages == 0
    }

    fn push(&mut self, text: TextCount) {
        self.text += text;
        self.messages = self.messages.saturating_add(1);
    }

    /// Every text of it.
    pub(crate) fn texts(&self) -> TextCount {
        self.text + self.documents.iter().map(|file| file.text).sum()
    }

    /// The pictures and documents that were sent then.
    pub(crate) fn seen_with(&self, sent: &Sent) -> (&[ImageSize], &[Attached]) {
        let images = self.images.get(..sent.images);
        let documents = self.documents.get(..sent.documents);
        (images.unwrap_or_default(), documents.unwrap_or_default())
    }

    /// What this model was sent last, if it ever was.
    pub(crate) fn last_sent(&self, model: &ModelId) -> Option<&Sent> {
        self.sent.iter().find(|sent| sent.model == *model)
    }
}

/// A turn that has not been sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftTurn {
    /// The instructions before the conversation.
    pub system: TextCount,
    /// The conversation so far.
    pub history: History,
    /// What the person typed.
    pub draft: TextCount,
    /// What that shows of the answer's length: see [`crate::Estimator::read`].
    pub prompt: PromptFeatures,
    /// The attached files.
    pub attachments: Vec<Attached>,
    /// The effort the person chose; a model without that value uses its default.
    pub effort: Option<Effort>,
    /// The longest answer asked for, thinking included, in the model's tokens; `None` leaves it to
    /// the estimator.
    pub max_output: Option<Tokens>,
    /// The longest answer asked for, in words; what the model thinks comes on top.
    pub answer_words_max: Option<u32>,
    /// What this person's turns on this model say of the forecast. It moves low, likely and high, never
    /// the ceiling.
    pub learned: Option<Adjustment>,
    /// Whether the request asks for a cache that lives an hour or more.
    pub asks_long_cache: bool,
}

impl DraftTurn {
    /// Messages in the request.
    pub(crate) fn messages(&self) -> u32 {
        let system = u32::from(self.system.bytes() > 0);
        self.history.messages.saturating_add(1 + system)
    }

    /// What the forecast looks at.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            prompt: &self.prompt,
            draft_tokens: (self.draft + self.attached_text()).o200k().count(),
            history_tokens: (self.system + self.history.texts()).o200k().count(),
            replies: &self.history.replies,
        }
    }

    /// Every text that is sent.
    pub(crate) fn texts(&self) -> TextCount {
        self.system + self.history.texts() + self.draft + self.attached_text()
    }

    /// The text of every attached file.
    pub(crate) fn attached_text(&self) -> TextCount {
        self.attachments.iter().map(|file| file.text).sum()
    }
}
