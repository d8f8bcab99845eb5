//! Ways to pay less for a turn. Each is a changed draft that the same estimator prices: nothing here
//! guesses what a change is worth.

use anyai_catalog::{Effort, Model, ModelId};
use anyai_units::Credits;

use crate::draft::{DraftTurn, History};
use crate::drivers::Source;
use crate::estimate::Estimate;

/// A saver is worth a line from this share of the likely cost on.
const WORTH_PERMILLE: i128 = 50;
/// And from this amount on.
const WORTH_MILLICREDITS: i64 = 50;
/// Another model is offered when it costs at most this share.
const OTHER_MODEL_PERMILLE: i128 = 750;
/// An answer is never offered shorter than this.
const WORDS_MIN: u64 = 100;

/// A change of a draft, or of where it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Leave the conversation behind.
    StartFresh,
    /// Leave the attached file of this number out, from 0.
    DropAttachment(usize),
    /// Think less.
    Effort(Effort),
    /// Ask another model.
    Model(ModelId),
    /// Limit the answer to so many words.
    AnswerWords(u32),
}

/// A change and what the turn costs with it.
#[derive(Clone, Debug)]
pub struct Saver {
    /// The change.
    pub change: Change,
    /// The estimate of the changed turn.
    pub estimate: Estimate,
}

impl Change {
    /// The changed draft. Another model changes nothing of it.
    #[must_use]
    pub fn of(&self, turn: &DraftTurn) -> DraftTurn {
        let mut turn = turn.clone();
        match self {
            Self::StartFresh => turn.history = History::new(),
            Self::DropAttachment(number) => {
                if *number < turn.attachments.len() {
                    turn.attachments.remove(*number);
                }
            }
            Self::Effort(effort) => turn.effort = Some(*effort),
            Self::AnswerWords(words) => turn.answer_words_max = Some(*words),
            Self::Model(_) => {}
        }
        turn
    }
}

/// The changes that could lower this estimate on its own model.
#[must_use]
pub fn changes(model: &Model, turn: &DraftTurn, estimate: &Estimate) -> Vec<Change> {
    let mut changes = Vec::new();
    if !turn.history.is_empty() {
        changes.push(Change::StartFresh);
    }
    let attachments = estimate
        .drivers
        .iter()
        .filter_map(|driver| match driver.source {
            Source::Attachment(number) => Some(Change::DropAttachment(number)),
            _ => None,
        });
    changes.extend(attachments);
    changes.extend(less_effort(model, estimate).map(Change::Effort));
    changes.extend(shorter_answer(turn, estimate).map(Change::AnswerWords));
    changes
}

/// The next lower value of the thinking knob.
fn less_effort(model: &Model, estimate: &Estimate) -> Option<Effort> {
    let values = &model.effort.as_ref()?.values;
    let lower = values
        .iter()
        .filter(|value| Some(**value) < estimate.effort);
    lower.copied().max()
}

/// Half the words that are likely. Where part of the answer is thinking no limit in words says what it
/// saves, so none is offered.
fn shorter_answer(turn: &DraftTurn, estimate: &Estimate) -> Option<u32> {
    if estimate.terms.thinks {
        return None;
    }
    let words = estimate.words_of(estimate.output.likely) / 2;
    // Rounded down to a number a person would say.
    let words = u32::try_from(words / 50 * 50).ok()?;
    let is_shorter = turn.answer_words_max.is_none_or(|now| words < now);
    (u64::from(words) >= WORDS_MIN && is_shorter).then_some(words)
}

/// The model to ask instead: of those that cost clearly less, the one with the dearest list price,
/// which is the best word there is for what a model can do; the same provider's before others'.
/// `others` are models that can be asked now and read what is attached.
#[must_use]
pub fn nearest_cheaper<'o>(
    estimate: &Estimate,
    provider_of: impl Fn(&ModelId) -> Option<anyai_catalog::Provider>,
    others: impl Iterator<Item = &'o Estimate>,
) -> Option<&'o Estimate> {
    let own = provider_of(&estimate.model);
    let limit = share(estimate.credits.likely, OTHER_MODEL_PERMILLE);
    let cheaper = others.filter(|other| {
        other.model != estimate.model
            && other.fits_context
            && i128::from(other.credits.likely.millicredits()) * 1_000 <= limit
    });
    cheaper.max_by_key(|other| {
        let list = other.price().list_output;
        (list, provider_of(&other.model) == own)
    })
}

/// The savers worth a line, those that save most first.
#[must_use]
pub fn worthwhile(estimate: &Estimate, options: Vec<Saver>) -> Vec<Saver> {
    let now = estimate.credits.likely;
    let saved = |saver: &Saver| now.millicredits() - saver.estimate.credits.likely.millicredits();
    let mut savers: Vec<Saver> = options
        .into_iter()
        .filter(|saver| {
            let saved = saved(saver);
            saved >= WORTH_MILLICREDITS && i128::from(saved) * 1_000 >= share(now, WORTH_PERMILLE)
        })
        .collect();
    savers.sort_by_key(|saver| std::cmp::Reverse(saved(saver)));
    savers
}

/// So many thousandths of an amount, with three more digits so that nothing is rounded.
fn share(amount: Credits, permille: i128) -> i128 {
    i128::from(amount.millicredits()) * permille
}
