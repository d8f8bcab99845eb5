//! Prices a draft on every model, from counts that are kept: a key press counts the draft alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyai_catalog::{Effort, Model, ModelId, Provider};
use anyai_estimate::learning::CountedInput;
use anyai_estimate::savers::Change;
use anyai_estimate::{Attached, DraftTurn, Estimate, History};
use anyai_mirror::{Life, TurnRow};
use anyai_tokens::{Counter, DraftCounter, TextCount};
use anyai_units::{Credits, Interval, Tokens, TurnId, UtcMillis};
use anyai_wire::{EstimateShown, Fit, ModelQuote, PromptPart, Quote, QuoteRequest, WireError};

use crate::convert;
use crate::counted_file::{self, CountedFiles, QUOTE_PATIENCE, SEND_PATIENCE};
use crate::error::internal;
use crate::learning::{Adjustments, Learning};
use crate::prices::Prices;
use crate::quote_details::{drivers, savers_of};
use crate::studio::Studio;

/// Paths whose counts are kept: the one a person writes in, and a few they switch between.
const PATHS_KEPT_MAX: usize = 16;

/// What was counted before.
#[derive(Default)]
pub(crate) struct QuoteCache {
    turns: Mutex<HashMap<TurnId, Arc<TurnCount>>>,
    paths: Mutex<HashMap<TurnId, Arc<Path>>>,
    draft: Mutex<DraftCounter>,
    pub(crate) files: CountedFiles,
    pub(crate) learning: Learning,
}

/// The counts of one turn that has ended.
struct TurnCount {
    prompt: TextCount,
    files: Vec<Attached>,
    reply: TextCount,
    thinking: Tokens,
}

/// The conversation that is sent before a draft.
struct Path {
    history: History,
    /// Thinking that goes back to a provider with the next turn on one of its models.
    resent_thinking: BTreeMap<Provider, Tokens>,
    turns: Vec<TurnId>,
}

impl QuoteCache {
    /// A turn changed: what was counted of it no longer holds.
    pub(crate) fn forget(&self, id: TurnId) {
        lock(&self.turns).remove(&id);
        lock(&self.paths).retain(|_, path| !path.turns.contains(&id));
    }

    /// Files came that were missing: everything is counted anew.
    pub(crate) fn forget_all(&self) {
        lock(&self.turns).clear();
        lock(&self.paths).clear();
    }

    /// There is another vocabulary: what was counted is counted anew, files among it.
    pub(crate) fn recount(&self) {
        self.forget_all();
        *lock(&self.draft) = DraftCounter::new();
        self.files.forget();
    }

    /// The server answers: files that could not be had are asked for again.
    pub(crate) fn server_answers(&self) {
        if self.files.try_missing_again() {
            self.forget_all();
        }
    }

    fn path(&self, leaf: TurnId) -> Option<Arc<Path>> {
        lock(&self.paths).get(&leaf).map(Arc::clone)
    }

    fn keep_path(&self, leaf: TurnId, path: &Arc<Path>) {
        let mut paths = lock(&self.paths);
        if paths.len() >= PATHS_KEPT_MAX {
            paths.clear();
        }
        paths.insert(leaf, Arc::clone(path));
    }

    fn turn(&self, counter: &Counter, row: &TurnRow) -> Result<Arc<TurnCount>, WireError> {
        if let Some(known) = lock(&self.turns).get(&row.id) {
            return Ok(Arc::clone(known));
        }
        let counted = Arc::new(self.count_turn(counter, row)?);
        if row.life == Life::Ended {
            lock(&self.turns).insert(row.id, Arc::clone(&counted));
        }
        Ok(counted)
    }

    fn count_turn(&self, counter: &Counter, row: &TurnRow) -> Result<TurnCount, WireError> {
        let view = convert::turn_view(row.clone())?;
        let files = self.files.of(counter, &view.prompt);
        let words = convert::texts(&view.prompt).map(|text| counter.count(text));
        Ok(TurnCount {
            prompt: words.sum(),
            files: files.into_iter().map(|(_, file)| file).collect(),
            reply: counter.count(&view.text),
            thinking: counter.count(&view.thinking).o200k(),
        })
    }
}

/// A draft with everything that is priced with it.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) turn: DraftTurn,
    /// The attached files' places among the draft's parts.
    pub(crate) places: Vec<u32>,
    resent_thinking: BTreeMap<Provider, Tokens>,
    adjustments: Adjustments,
    has_pictures: bool,
    has_pdfs: bool,
}

impl Draft {
    /// The same draft with the answer limited to so many words.
    pub(crate) fn limited_to(mut self, words: Option<u32>) -> Self {
        self.turn.answer_words_max = words;
        self
    }

    /// The draft with a saver's change.
    pub(crate) fn changed(&self, change: &Change) -> Self {
        let mut changed = self.clone();
        changed.turn = change.of(&self.turn);
        if *change == Change::StartFresh {
            changed.resent_thinking.clear();
        }
        changed
    }

    /// Whether a model reads what is attached.
    pub(crate) fn is_read_by(&self, model: &Model) -> bool {
        (model.input.image || !self.has_pictures) && (model.input.pdf || !self.has_pdfs)
    }
}

/// Prices the draft on every model.
pub(crate) async fn quote(studio: &Arc<Studio>, request: QuoteRequest) -> Result<Quote, WireError> {
    let available = studio.available();
    quote_within(studio, request, available).await
}

/// Prices the draft as if this much were free.
pub(crate) async fn quote_within(
    studio: &Arc<Studio>,
    request: QuoteRequest,
    available: Credits,
) -> Result<Quote, WireError> {
    let path = path_to(studio, request.parent_id, QUOTE_PATIENCE).await?;
    counted_file::count_new(studio, request.parts.iter(), QUOTE_PATIENCE).await;
    let studio = Arc::clone(studio);
    let priced = tokio::task::spawn_blocking(move || {
        let draft = draft(&studio, &path, &request.parts)?.limited_to(request.answer_words_max);
        let (prices, now) = (studio.prices.get(), studio.now());
        let effort_of = |model: &str| request.effort_by_model.get(model).map(String::as_str);
        let models = price_all(&prices, draft.clone(), effort_of, now);
        let savers = request
            .savers_of
            .and_then(|id| savers_of(&prices, &draft, &id, &models, available, now));
        Ok(Quote {
            revision: request.revision,
            available,
            models: models
                .iter()
                .map(|(model, estimate)| model_quote(model, estimate, &draft.places, available))
                .collect(),
            savers,
        })
    });
    priced
        .await
        .unwrap_or_else(|_| Err(internal("a quote was stopped")))
}

/// What was foreseen of a turn, without anything learned.
pub(crate) struct Foreseen {
    /// How long the answer was forecast to be.
    pub(crate) answer: Interval<Tokens>,
    /// How the input was counted; `None` where a bill says nothing of that.
    pub(crate) input: Option<CountedInput>,
}

/// What was foreseen of a turn that was sent; `None` for a turn that is not here, or whose model is not
/// offered any more.
pub(crate) async fn foreseen(
    studio: &Arc<Studio>,
    turn: TurnId,
) -> Result<Option<Foreseen>, WireError> {
    let mut rows = studio.mirror.read(move |mirror| mirror.path(turn)).await?;
    let Some(last) = rows.pop().filter(|row| row.id == turn) else {
        return Ok(None);
    };
    let view = convert::turn_view(last)?;
    let draft = draft_of(studio, view.parent_id, view.prompt).await?;
    // Thinking that goes back is billed and not counted.
    let mut resent = draft.resent_thinking.values();
    let is_told = resent.all(|sent| *sent == Tokens::ZERO);
    let effort = view.effort.as_deref().and_then(Effort::from_text);
    let turn = DraftTurn {
        effort,
        ..draft.turn
    };
    let (prices, now) = (studio.prices.get(), studio.now());
    let Ok(answer) = prices.estimator.forecast(&view.model_id, &turn, now) else {
        return Ok(None);
    };
    let input = prices.estimator.counted_input(&view.model_id, &turn, now);
    Ok(Some(Foreseen {
        answer,
        input: input.ok().filter(|_| is_told),
    }))
}

fn is_pdf(part: &PromptPart) -> bool {
    matches!(part, PromptPart::Document(file) if file.mime == "application/pdf")
}

/// The draft of a turn that is about to be sent.
pub(crate) async fn draft_of(
    studio: &Arc<Studio>,
    parent_id: Option<TurnId>,
    parts: Vec<PromptPart>,
) -> Result<Draft, WireError> {
    let path = path_to(studio, parent_id, SEND_PATIENCE).await?;
    counted_file::count_new(studio, parts.iter(), SEND_PATIENCE).await;
    let studio = Arc::clone(studio);
    let counted = tokio::task::spawn_blocking(move || draft(&studio, &path, &parts));
    counted
        .await
        .unwrap_or_else(|_| Err(internal("a count was stopped")))
}

/// The estimates on every model that is offered now, in the catalogue's order.
pub(crate) fn price_all<'p, 'e>(
    prices: &'p Prices,
    mut draft: Draft,
    effort_of: impl Fn(&str) -> Option<&'e str>,
    now: UtcMillis,
) -> Vec<(&'p Model, Estimate)> {
    let offered = prices.catalogue().offered(now);
    let priced = offered.filter_map(|(model, _)| {
        let effort = effort_of(model.id.as_str()).and_then(Effort::from_text);
        let estimate = draft.price(prices, model, effort, now)?;
        Some((model, estimate))
    });
    priced.collect()
}

impl Draft {
    /// The estimate on one model.
    pub(crate) fn price(
        &mut self,
        prices: &Prices,
        model: &Model,
        effort: Option<Effort>,
        now: UtcMillis,
    ) -> Option<Estimate> {
        let id = model.id.as_str();
        let prior = prices.estimator.prior(model);
        self.turn.effort = effort;
        self.turn.learned = Some(self.adjustments.of(id, prior));
        let estimate = prices.estimator.estimate(id, &self.turn, now).ok()?;
        let resent = self.resent_thinking.get(&model.provider).copied();
        Some(estimate.with_resent_thinking(resent.unwrap_or(Tokens::ZERO)))
    }
}

/// Loads the vocabulary, so that the first key press does not wait for it.
pub(crate) async fn warm_up() {
    let loaded = tokio::task::spawn_blocking(|| Counter::shared().map(|_| ())).await;
    if let Ok(Err(error)) = loaded {
        tracing::error!(%error, "drafts cannot be counted");
    }
}

async fn path_to(
    studio: &Arc<Studio>,
    leaf: Option<TurnId>,
    patience: Duration,
) -> Result<Arc<Path>, WireError> {
    let Some(leaf) = leaf else {
        return Ok(Arc::new(Path::new()));
    };
    if let Some(path) = studio.quotes.path(leaf) {
        return Ok(path);
    }
    let rows = studio.mirror.read(move |mirror| mirror.path(leaf)).await?;
    let prompts = rows.iter().map(convert::prompt);
    let parts = prompts.collect::<Result<Vec<_>, _>>()?.concat();
    counted_file::count_new(studio, parts.iter(), patience).await;
    let studio = Arc::clone(studio);
    let counted = tokio::task::spawn_blocking(move || {
        let path = Arc::new(count_path(&studio.quotes, &studio.prices.get(), &rows)?);
        studio.quotes.keep_path(leaf, &path);
        Ok(path)
    });
    counted
        .await
        .unwrap_or_else(|_| Err(internal("a count was stopped")))
}

impl Path {
    fn new() -> Self {
        Self {
            history: History::new(),
            resent_thinking: BTreeMap::new(),
            turns: Vec::new(),
        }
    }
}

fn count_path(cache: &QuoteCache, prices: &Prices, rows: &[TurnRow]) -> Result<Path, WireError> {
    let counter = Counter::shared().map_err(internal)?;
    let mut path = Path::new();
    for row in rows {
        path.turns.push(row.id);
        // A refused turn was never part of the conversation.
        if row.life == Life::Refused {
            continue;
        }
        if let Ok(model) = prices.catalogue().model(&row.model_id) {
            *path.resent_thinking.entry(model.provider).or_default() += row.resent_thinking;
        }
        let count = cache.turn(counter, row)?;
        path.history.push_user(count.prompt, &count.files);
        if row.life == Life::Ended {
            let model = ModelId::new(&row.model_id);
            path.history.sent_to(&model, row.created_at);
        }
        path.history.push_reply(count.reply, count.thinking);
    }
    Ok(path)
}

fn draft(studio: &Studio, path: &Path, parts: &[PromptPart]) -> Result<Draft, WireError> {
    let counter = Counter::shared().map_err(internal)?;
    let files = studio.quotes.files.of(counter, parts);
    let (places, attachments) = files.into_iter().unzip();
    Ok(Draft {
        turn: DraftTurn {
            history: path.history.clone(),
            draft: count_draft(studio, counter, parts),
            prompt: studio.prices.get().estimator.read(convert::texts(parts)),
            attachments,
            ..DraftTurn::default()
        },
        places,
        resent_thinking: path.resent_thinking.clone(),
        adjustments: studio.quotes.learning.adjustments(),
        has_pictures: parts
            .iter()
            .any(|part| matches!(part, PromptPart::Image(_))),
        has_pdfs: parts.iter().any(is_pdf),
    })
}

/// The sum of the parts' counts. The one text a person types is counted where it changed.
fn count_draft(studio: &Studio, counter: &Counter, parts: &[PromptPart]) -> TextCount {
    let texts: Vec<&str> = convert::texts(parts).collect();
    match texts.as_slice() {
        [text] => lock(&studio.quotes.draft).update(counter, text),
        texts => texts.iter().map(|text| counter.count(text)).sum(),
    }
}

fn model_quote(
    model: &Model,
    estimate: &Estimate,
    places: &[u32],
    available: Credits,
) -> ModelQuote {
    let (shown, fit) = fit(model, estimate, available);
    let shown_estimate = shown_estimate(&shown);
    ModelQuote {
        model_id: model.id.as_str().to_owned(),
        low: shown_estimate.low,
        likely: shown_estimate.likely,
        high: shown_estimate.high,
        ceiling: shown_estimate.ceiling,
        context_permille: estimate.context_used_permille,
        fit,
        drivers: drivers(estimate, places),
    }
}

/// The estimate as it can be sent, and whether it can.
pub(crate) fn fit(model: &Model, estimate: &Estimate, available: Credits) -> (Estimate, Fit) {
    if !estimate.fits_context {
        let fit = Fit::ContextTooLong {
            asked_tokens: estimate.input.likely.count(),
            limit_tokens: model.max_input.min(model.context_window).count(),
        };
        return (estimate.clone(), fit);
    }
    match estimate.fit_to(available) {
        Ok(fitting) if fitting.ceiling < estimate.ceiling => {
            let answer_words = u32::try_from(fitting.max_output_words()).unwrap_or(u32::MAX);
            (fitting, Fit::Limited { answer_words })
        }
        Ok(fitting) => (fitting, Fit::Fits),
        Err(short) => {
            let needed = short.needed;
            (estimate.clone(), Fit::DoesNotFit { needed })
        }
    }
}

pub(crate) const fn shown_estimate(estimate: &Estimate) -> EstimateShown {
    EstimateShown {
        low: estimate.credits.low,
        likely: estimate.credits.likely,
        high: estimate.credits.high,
        ceiling: estimate.ceiling,
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
