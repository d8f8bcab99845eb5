//! What moves a quote, and what would make it cheaper.

use anyai_catalog::{Model, ModelId};
use anyai_estimate::savers::{self, Change};
use anyai_estimate::{Estimate, Source};
use anyai_units::{Credits, UtcMillis};
use anyai_wire::{Driver, DriverKind, Saver, SaverChange, Savers};

use crate::prices::Prices;
use crate::quote::{Draft, fit, shown_estimate};

/// Lines that a person can take in at a glance.
const SAVERS_MAX: usize = 5;

/// Largest first. `places` are the attached files' places among the draft's parts.
pub(crate) fn drivers(estimate: &Estimate, places: &[u32]) -> Vec<Driver> {
    let driver = |driver: &anyai_estimate::Driver| {
        let (kind, part) = match driver.source {
            Source::Instructions => (DriverKind::Instructions, None),
            Source::History => (DriverKind::History, None),
            Source::Attachment(number) => (DriverKind::Attachment, places.get(number).copied()),
            Source::Draft => (DriverKind::Draft, None),
            Source::Answer => (DriverKind::Answer, None),
        };
        Driver {
            kind,
            permille: u32::from(driver.permille),
            part,
        }
    };
    estimate.drivers.iter().map(driver).collect()
}

/// The savers of one model, among all of them priced for the same draft.
pub(crate) fn savers_of(
    prices: &Prices,
    draft: &Draft,
    model_id: &str,
    priced: &[(&Model, Estimate)],
    available: Credits,
    now: UtcMillis,
) -> Option<Savers> {
    let (model, estimate) = priced
        .iter()
        .find(|(model, _)| model.id.as_str() == model_id)?;
    let own = savers::changes(model, &draft.turn, estimate);
    let own = own.into_iter().filter_map(|change| {
        let mut changed = draft.changed(&change);
        let effort = match &change {
            Change::Effort(effort) => Some(*effort),
            _ => estimate.effort,
        };
        let estimate = changed.price(prices, model, effort, now)?;
        Some(savers::Saver { change, estimate })
    });
    let mut options: Vec<savers::Saver> = own.collect();
    options.extend(another(prices, draft, estimate, priced, available));
    let worthwhile = savers::worthwhile(estimate, options).into_iter();
    let savers = worthwhile.take(SAVERS_MAX).map(|saver| Saver {
        change: change_of(saver.change, &draft.places),
        estimate: shown_estimate(&saver.estimate),
    });
    Some(Savers {
        model_id: model_id.to_owned(),
        savers: savers.collect(),
    })
}

/// The nearest cheaper model that can be asked for this.
fn another(
    prices: &Prices,
    draft: &Draft,
    estimate: &Estimate,
    priced: &[(&Model, Estimate)],
    available: Credits,
) -> Option<savers::Saver> {
    let catalogue = prices.catalogue();
    let callable = priced.iter().filter(|(model, estimate)| {
        prices.is_callable(model.provider.as_str(), model.id.as_str())
            && draft.is_read_by(model)
            && matches!(
                fit(model, estimate, available).1,
                anyai_wire::Fit::Fits | anyai_wire::Fit::Limited { .. }
            )
    });
    let provider = |id: &ModelId| {
        catalogue
            .model(id.as_str())
            .ok()
            .map(|model| model.provider)
    };
    let others = callable.map(|(_, estimate)| estimate);
    let nearest = savers::nearest_cheaper(estimate, provider, others)?;
    Some(savers::Saver {
        change: Change::Model(nearest.model.clone()),
        estimate: nearest.clone(),
    })
}

fn change_of(change: Change, places: &[u32]) -> SaverChange {
    match change {
        Change::StartFresh => SaverChange::StartFresh,
        Change::DropAttachment(number) => SaverChange::DropAttachment {
            part: places.get(number).copied().unwrap_or_default(),
        },
        Change::Effort(effort) => SaverChange::Effort {
            effort: effort.as_str().to_owned(),
        },
        Change::Model(model) => SaverChange::Model {
            model_id: model.as_str().to_owned(),
        },
        Change::AnswerWords(words) => SaverChange::AnswerWords { words },
    }
}
