//! Envelopes: limits people set themselves inside the pool, and how full they are.

use std::sync::Arc;

use anyai_mirror::{Around, Mirror, MirrorError};
use anyai_units::{ConversationId, Credits, UtcMillis};
use anyai_wire::admin::{EnvelopeScope, EnvelopeView, Envelopes, OrderAction, OrderPost};
use anyai_wire::{
    Balance, Door, EnvelopeAround, EnvelopeRemove, EnvelopeSet, EnvelopeSheet, EnvelopeState,
    WireError, Work,
};

use super::{DAY_MS, MINUTE_MS, media_of};
use crate::credits;
use crate::studio::Studio;

const KEPT_ENVELOPES: &str = "envelopes";
/// What the ledger keeps as the reason of an envelope that was set here.
const REASON: &str = "set in the studio";

/// The envelopes as the server last said them; what is in them as the mirror knows it.
pub(crate) async fn list(studio: &Studio) -> Result<EnvelopeSheet, WireError> {
    let envelopes: Envelopes = match studio.client.envelopes().await {
        Ok(envelopes) => {
            studio.keep(KEPT_ENVELOPES.to_owned(), &envelopes).await;
            envelopes
        }
        Err(error) if error.is_offline() => {
            let kept = studio.kept(KEPT_ENVELOPES.to_owned()).await;
            kept.ok_or_else(|| WireError::from(error))?
        }
        Err(error) => return Err(error.into()),
    };
    let balance = credits::balance(studio).await?;
    Ok(EnvelopeSheet {
        envelopes: states(studio, envelopes, balance).await?,
        may_set: may_set(studio),
    })
}

async fn states(
    studio: &Studio,
    envelopes: Envelopes,
    balance: Balance,
) -> Result<Vec<EnvelopeState>, WireError> {
    let now = studio.now();
    studio
        .mirror
        .read(move |mirror| {
            let known = envelopes.envelopes.iter().filter_map(around);
            known
                .map(|(view, around)| state(mirror, view, around, &balance, now))
                .collect()
        })
        .await
}

/// In an embedded studio the person is its owner; elsewhere the operator sets limits for everybody.
fn may_set(studio: &Studio) -> bool {
    !matches!(studio.door(), Door::Remote { .. })
}

pub(crate) async fn set(
    studio: &Arc<Studio>,
    request: EnvelopeSet,
) -> Result<EnvelopeSheet, WireError> {
    let action = OrderAction::SetEnvelope {
        member_id: None,
        scope: scope(request.around),
        cap: request.cap,
    };
    order(studio, action).await
}

pub(crate) async fn remove(
    studio: &Arc<Studio>,
    request: EnvelopeRemove,
) -> Result<EnvelopeSheet, WireError> {
    let envelope = request.envelope;
    order(studio, OrderAction::RemoveEnvelope { envelope }).await
}

async fn order(studio: &Arc<Studio>, action: OrderAction) -> Result<EnvelopeSheet, WireError> {
    let post = OrderPost {
        key: format!("studio:{}", studio.desk.host.mint_uuid()),
        reason: REASON.to_owned(),
        action,
    };
    studio.client.order(&post).await.map_err(WireError::from)?;
    list(studio).await
}

/// What an envelope is around in the window's words; `None` for a kind of work it does not know.
fn around(view: &EnvelopeView) -> Option<(&EnvelopeView, EnvelopeAround)> {
    let around = match &view.scope {
        EnvelopeScope::Day { utc_offset_minutes } => EnvelopeAround::Day {
            utc_offset_minutes: *utc_offset_minutes,
        },
        EnvelopeScope::Conversation { conversation_id } => EnvelopeAround::Conversation {
            conversation_id: *conversation_id,
        },
        EnvelopeScope::Modality { work } => EnvelopeAround::Work {
            work: match work.as_str() {
                "chat" => Work::Chat,
                "image" => Work::Image,
                "video" => Work::Video,
                _ => return None,
            },
        },
    };
    Some((view, around))
}

fn scope(around: EnvelopeAround) -> EnvelopeScope {
    match around {
        EnvelopeAround::Day { utc_offset_minutes } => EnvelopeScope::Day { utc_offset_minutes },
        EnvelopeAround::Conversation { conversation_id } => {
            EnvelopeScope::Conversation { conversation_id }
        }
        EnvelopeAround::Work { work } => EnvelopeScope::Modality {
            work: match work {
                Work::Chat => "chat",
                Work::Image => "image",
                Work::Video => "video",
            }
            .to_owned(),
        },
    }
}

fn state(
    mirror: &Mirror,
    view: &EnvelopeView,
    around: EnvelopeAround,
    balance: &Balance,
    now: UtcMillis,
) -> Result<EnvelopeState, MirrorError> {
    let (spent, held) = inside(mirror, around, balance, now)?;
    let title = match around {
        EnvelopeAround::Conversation { conversation_id } => title(mirror, conversation_id)?,
        EnvelopeAround::Day { .. } | EnvelopeAround::Work { .. } => None,
    };
    Ok(EnvelopeState {
        envelope: view.envelope,
        around,
        title,
        cap: view.cap,
        spent,
        held,
    })
}

fn inside(
    mirror: &Mirror,
    around: EnvelopeAround,
    balance: &Balance,
    now: UtcMillis,
) -> Result<(Credits, Credits), MirrorError> {
    let everything = Around {
        from: UtcMillis::from_millis(0),
        conversation_id: None,
        media: None,
    };
    mirror.spent_around(match around {
        EnvelopeAround::Day { utc_offset_minutes } => Around {
            from: day_begins(now, utc_offset_minutes),
            ..everything
        },
        EnvelopeAround::Conversation { conversation_id } => Around {
            conversation_id: Some(conversation_id),
            ..everything
        },
        EnvelopeAround::Work { work } => Around {
            from: balance.period_starts_at,
            media: Some(media_of(work)),
            ..everything
        },
    })
}

/// The last midnight of a clock.
fn day_begins(now: UtcMillis, utc_offset_minutes: i16) -> UtcMillis {
    let offset_ms = i64::from(utc_offset_minutes) * MINUTE_MS;
    let into_day_ms = now.millis().saturating_add(offset_ms).rem_euclid(DAY_MS);
    now.plus_millis(-into_day_ms)
}

fn title(mirror: &Mirror, id: ConversationId) -> Result<Option<String>, MirrorError> {
    let found = mirror.conversation(id)?;
    let there = found.filter(|summary| !summary.conversation.deleted);
    Ok(there.map(|summary| summary.conversation.title))
}
