//! Models, and the prices and offers they come with.

use std::sync::Arc;
use std::time::Duration;

use anyai_catalog::{Effort, Model};
use anyai_units::UtcMillis;
use anyai_wire::{AppEvent, EffortKnob, ModelView, Models, Plan, Plans, WireError};

use crate::backoff::Backoff;
use crate::error::internal;
use crate::prices::Prices;
use crate::studio::{KEPT_OFFERS, KEPT_PROVIDERS, KEPT_RATE_CARD, Studio};
use crate::usage::price_diary;

/// How often prices and offers are asked for when nothing hints at a change.
const REFRESH_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// Keeps prices and offers current.
pub(crate) fn start(studio: &Arc<Studio>) {
    studio.tasks.start(run(Arc::clone(studio)));
}

async fn run(studio: Arc<Studio>) {
    let mut backoff = Backoff::new();
    loop {
        let pause = match refresh(&studio).await {
            Ok(changed) => {
                if changed {
                    studio.emit(AppEvent::Catalogue);
                }
                backoff.reset();
                REFRESH_INTERVAL
            }
            Err(_) => backoff.wait(studio.desk.host.mint_uuid().as_u128()),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = studio.prices_bell.notified() => {}
        }
    }
}

/// Asks for prices and offers again, and tells the windows.
pub(crate) async fn refresh_and_tell(studio: &Arc<Studio>) {
    match refresh(studio).await {
        Ok(_) => studio.emit(AppEvent::Catalogue),
        Err(error) => tracing::warn!(code = ?error.code, "prices and offers are as before"),
    }
}

/// Fetches the rate card, offers and providers. Whether any of them changed.
pub(crate) async fn refresh(studio: &Arc<Studio>) -> Result<bool, WireError> {
    let documents = studio.client.rate_card().await.map_err(WireError::from)?;
    let offers = studio.client.offers().await.map_err(WireError::from)?;
    let providers = studio.client.providers().await.ok();
    price_diary::note(studio, &documents).await;
    studio.keep(KEPT_RATE_CARD.to_owned(), &documents).await;
    studio.keep(KEPT_OFFERS.to_owned(), &offers).await;
    if let Some(providers) = &providers {
        studio.keep(KEPT_PROVIDERS.to_owned(), providers).await;
    }
    let parsed = tokio::task::spawn_blocking(move || {
        Prices::from_documents(documents).map(|prices| prices.with_offers(offers, providers))
    });
    let fresh = parsed
        .await
        .unwrap_or_else(|_| Err(internal("reading the prices was stopped")))?;
    let before = studio.prices.get();
    let changed = before.catalogue().documents() != fresh.catalogue().documents()
        || before.offers != fresh.offers
        || before.switched_off != fresh.switched_off
        || before.providers != fresh.providers;
    studio.prices.set(fresh);
    Ok(changed)
}

pub(crate) fn list(prices: &Prices, now: UtcMillis) -> Models {
    let offered = prices.catalogue().offered(now);
    Models {
        rate_card_version: prices.version(),
        models: offered.map(|(model, _)| view(prices, model)).collect(),
    }
}

fn view(prices: &Prices, model: &Model) -> ModelView {
    let provider = model.provider.as_str();
    ModelView {
        id: model.id.as_str().to_owned(),
        label: model.label.clone(),
        provider: provider.to_owned(),
        provider_label: provider_label(prices, provider),
        strengths: model.strengths.clone(),
        context_tokens: model.context_window.count(),
        reads_images: model.input.image,
        reads_pdfs: model.input.pdf,
        effort: model.effort.as_ref().map(|knob| EffortKnob {
            values: knob.values.iter().map(|value| spelled(*value)).collect(),
            default: spelled(knob.default),
        }),
        ends_on: model.shuts_down_at.map(day),
        offer: prices.offer(provider, model.id.as_str()),
    }
}

/// A provider's name for people; its id until the server has said it.
pub(crate) fn provider_label(prices: &Prices, provider: &str) -> String {
    let listed = prices
        .providers
        .iter()
        .flat_map(|providers| &providers.providers);
    let mut named = listed.filter(|listed| listed.id == provider);
    let label = named.next().map(|listed| listed.label.clone());
    label.unwrap_or_else(|| provider.to_owned())
}

fn spelled(effort: Effort) -> String {
    effort.as_str().to_owned()
}

/// The UTC day of an instant, `2026-12-11`, by the proleptic Gregorian calendar.
pub(crate) fn day(at: UtcMillis) -> String {
    let days = at.millis().div_euclid(86_400_000);
    // Counted from 0000-03-01, so that the leap day ends the year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

pub(crate) fn plans(prices: &Prices) -> Plans {
    let plans = prices.catalogue().plans().iter().map(|plan| Plan {
        id: plan.id.clone(),
        label: plan.label.clone(),
        allowance: plan.monthly_allowance,
        price_usd_cents: plan.monthly_price_us_cents,
    });
    Plans {
        plans: plans.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_days_by_the_calendar() {
        let days = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400_000, "2000-02-29"),
            (1_797_033_599_999, "2026-12-11"),
            (4_107_542_400_000, "2100-03-01"),
        ];
        for (millis, expected) in days {
            assert_eq!(day(UtcMillis::from_millis(millis)), expected);
        }
    }
}
