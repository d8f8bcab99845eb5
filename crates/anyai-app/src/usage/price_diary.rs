//! The diary of prices: what each rate card changed for somebody who used the one before.

use anyai_catalog::{CardChange, Catalogue, Documents};
use anyai_units::UtcMillis;
use anyai_wire::api::RateCardDocuments;
use anyai_wire::{PriceChange, PriceDiary, PricePage, WireError};

use crate::studio::{KEPT_RATE_CARD, Studio};

const KEPT_DIARY: &str = "price-diary";
/// Older pages are let go.
const PAGES_MAX: usize = 100;

pub(crate) async fn read(studio: &Studio) -> Result<PriceDiary, WireError> {
    let kept = studio.kept(KEPT_DIARY.to_owned()).await;
    Ok(kept.unwrap_or_default())
}

/// Writes a page when the card that came is another than the one that was kept. It must be called
/// before the new one is kept.
pub(crate) async fn note(studio: &Studio, came: &RateCardDocuments) {
    let kept: Option<RateCardDocuments> = studio.kept(KEPT_RATE_CARD.to_owned()).await;
    let Some(kept) = kept.filter(|kept| kept != came) else {
        return;
    };
    let (came, now) = (came.clone(), studio.now());
    let compared = tokio::task::spawn_blocking(move || page(kept, came, now));
    let Ok(Some(page)) = compared.await else {
        return;
    };
    let mut diary: PriceDiary = read(studio).await.unwrap_or_default();
    diary.pages.insert(0, page);
    diary.pages.truncate(PAGES_MAX);
    studio.keep(KEPT_DIARY.to_owned(), &diary).await;
}

/// `None` when no typical turn costs something else, or a card cannot be read.
fn page(before: RateCardDocuments, after: RateCardDocuments, now: UtcMillis) -> Option<PricePage> {
    let (before, after) = (catalogue(before)?, catalogue(after)?);
    let changes = before.changes_to(&after, now);
    let page = PricePage {
        seen_at: now,
        before_version: before.rate_card().id.version,
        version: after.rate_card().id.version,
        changes: changes.into_iter().map(change).collect(),
    };
    (!page.changes.is_empty()).then_some(page)
}

fn catalogue(documents: RateCardDocuments) -> Option<Catalogue> {
    let documents = Documents {
        models: documents.models,
        rate_card: documents.rate_card,
        plans: documents.plans,
    };
    Catalogue::parse(documents).ok()
}

fn change(change: CardChange) -> PriceChange {
    PriceChange {
        model_id: change.model.as_str().to_owned(),
        model_label: change.label,
        from: change.from,
        before: change.before,
        after: change.after,
    }
}
