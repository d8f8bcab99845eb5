//! The input of a turn as a model's provider counts it, by what moves the price.

use anyai_catalog::{Catalogue, Model, ModelId, Usage};
use anyai_tokens::{Bounded, Families, Family, ImageRule, ImageSize, TextCount};
use anyai_units::{Tokens, UtcMillis};

use crate::attached::Attached;
use crate::draft::{DraftTurn, Sent};
use crate::learning::{Adjustment, CountedInput};

/// How a provider counts what it reads.
pub(crate) struct Reading<'a> {
    pub(crate) families: &'a Families,
    pub(crate) family: Family,
    pub(crate) pictures: ImageRule,
    /// Pictures of earlier turns are not sent to a model that reads none.
    pub(crate) looks: bool,
    pub(crate) learned: Option<Adjustment>,
}

/// What a provider keeps of a prompt, and for whom.
pub(crate) struct PromptCache<'a> {
    model: &'a ModelId,
    /// Shorter prompts are not kept; `None` where the provider keeps none.
    least: Option<Tokens>,
    /// What was sent before is gone.
    gone_before: Option<UtcMillis>,
}

/// The input of a turn on one model.
pub(crate) struct Input {
    pub(crate) instructions: Bounded,
    pub(crate) history: Bounded,
    pub(crate) attachments: Vec<Bounded>,
    pub(crate) draft: Bounded,
    pub(crate) total: Bounded,
    /// The part of the history that the provider likely still has in its prompt cache.
    pub(crate) cached: Tokens,
    /// Whether the provider puts what it reads into its cache, at the price of that.
    pub(crate) is_cached_now: bool,
}

impl Reading<'_> {
    fn text(&self, text: &TextCount) -> Bounded {
        let counted = self.families.text(self.family, text);
        self.learned.map_or(counted, |learned| {
            learned.apply_to_text(counted, self.is_fetched(text))
        })
    }

    fn pictures(&self, sizes: &[ImageSize]) -> Bounded {
        let counted = self.pictures_as_counted(sizes);
        self.learned
            .map_or(counted, |learned| learned.apply_to_pictures(counted))
    }

    fn file(&self, file: &Attached) -> Bounded {
        if !file.is_document {
            return self.text(&file.text) + self.pictures(&file.images);
        }
        let counted = self.document_as_counted(file, true);
        self.learn_of_document(counted, file)
    }

    /// A document of an earlier turn.
    fn earlier_document(&self, file: &Attached) -> Bounded {
        let counted = self.document_as_counted(file, self.looks);
        self.learn_of_document(counted, file)
    }

    fn learn_of_document(&self, counted: Bounded, file: &Attached) -> Bounded {
        self.learned.map_or(counted, |learned| {
            learned.apply_to_documents(counted, self.is_fetched(&file.text))
        })
    }

    fn document_as_counted(&self, file: &Attached, looks: bool) -> Bounded {
        let pages: &[ImageSize] = if looks { &file.images } else { &[] };
        self.families.text(self.family, &file.text) + self.pictures_as_counted(pages)
    }

    fn pictures_as_counted(&self, sizes: &[ImageSize]) -> Bounded {
        let count = |size: &ImageSize| self.families.picture(self.pictures, *size);
        sizes.iter().map(count).sum()
    }

    fn is_fetched(&self, text: &TextCount) -> bool {
        self.families.is_fetched(self.family, text)
    }

    /// What was said up to a place in the conversation.
    fn earlier(&self, text: &TextCount, images: &[ImageSize], documents: &[Attached]) -> Bounded {
        let images = if self.looks { images } else { &[] };
        let documents = documents.iter().map(|file| self.earlier_document(file));
        self.text(text) + self.pictures(images) + documents.sum()
    }

    /// The input of a turn in what a bill can be held against, without anything learned.
    pub(crate) fn as_counted(&self, turn: &DraftTurn) -> CountedInput {
        let history = &turn.history;
        let (documents, files): (Vec<_>, Vec<_>) =
            turn.attachments.iter().partition(|file| file.is_document);
        let earlier = history.documents.iter();
        let earlier = earlier.map(|file| self.document_as_counted(file, self.looks));
        let documents = documents
            .into_iter()
            .map(|file| self.document_as_counted(file, true))
            .chain(earlier);
        let images: &[ImageSize] = if self.looks { &history.images } else { &[] };
        let pictures = files
            .iter()
            .map(|file| self.pictures_as_counted(&file.images));
        let words = turn.system + history.text + turn.draft;
        let text = words + files.iter().map(|file| file.text).sum();
        let frame = self.families.frame(self.family, turn.messages());
        let likely = |counted: Bounded| counted.expected.likely.count();
        CountedInput {
            text: likely(self.families.text(self.family, &text) + frame),
            pictures: likely(pictures.sum::<Bounded>() + self.pictures_as_counted(images)),
            documents: likely(documents.sum()),
            is_fetched: self.is_fetched(&turn.texts()),
        }
    }
}

impl<'a> PromptCache<'a> {
    pub(crate) fn of(catalogue: &Catalogue, model: &'a Model, now: UtcMillis) -> Self {
        let cache = catalogue.prompt_cache(model.provider);
        Self {
            model: &model.id,
            least: model
                .prompt_cache_min
                .or(cache.map(|cache| cache.tokens_min)),
            gone_before: cache.map(|cache| now.plus_millis(-cache.kept_ms)),
        }
    }

    fn still_has(&self, sent: &Sent) -> bool {
        self.gone_before.is_some_and(|before| sent.at > before)
    }

    fn keeps(&self, tokens: Tokens) -> bool {
        self.least.is_some_and(|least| tokens >= least)
    }
}

impl Input {
    pub(crate) fn of(reading: &Reading<'_>, cache: &PromptCache<'_>, turn: &DraftTurn) -> Self {
        let history = &turn.history;
        let earlier = reading.earlier(&history.text, &history.images, &history.documents);
        let instructions = reading.text(&turn.system);
        let files = turn.attachments.iter().map(|file| reading.file(file));
        let attachments: Vec<Bounded> = files.collect();
        let frame = reading.families.frame(reading.family, turn.messages());
        let draft = reading.text(&turn.draft) + frame;
        let attached: Bounded = attachments.iter().copied().sum();
        let total = instructions + earlier + attached + draft;
        let sent = history.last_sent(cache.model);
        let cached = sent.filter(|sent| cache.still_has(sent)).map(|sent| {
            let (images, documents) = history.seen_with(sent);
            let prefix = instructions + reading.earlier(&sent.text, images, documents);
            prefix.expected.likely.min(total.expected.likely)
        });
        Self {
            instructions,
            history: earlier,
            attachments,
            draft,
            total,
            cached: cached
                .filter(|cached| cache.keeps(*cached))
                .unwrap_or(Tokens::ZERO),
            is_cached_now: cache.keeps(total.expected.likely),
        }
    }

    /// The usage of a turn with so much input and output, as far as the cache can be foreseen.
    pub(crate) fn usage(&self, total: Tokens, output: Tokens) -> Usage {
        let cached_input = self.cached.min(total);
        let fresh = total.saturating_sub(cached_input);
        let (uncached_input, cache_write_5m) = match self.is_cached_now {
            true => (Tokens::ZERO, fresh),
            false => (fresh, Tokens::ZERO),
        };
        Usage {
            uncached_input,
            cached_input,
            cache_write_5m,
            output,
            ..Usage::default()
        }
    }
}
