//! The same prompt on several models: one total before it is sent, sibling turns afterwards. Each
//! lane is a turn like any other, held and charged by itself; one that does not fit, or would cost more
//! than it was shown to, is not sent.

use std::sync::Arc;

use anyai_units::{ConversationId, Credits};
use anyai_wire::{
    COMPARED_MAX, Code, CompareLane, CompareQuote, CompareQuoteRequest, CompareRefused,
    CompareSend, Compared, Fit, ModelQuote, TurnSend, TurnView, WireError,
};

use crate::bounds::Bounds;
use crate::error::{internal, no_studio};
use crate::quote;
use crate::studio::Studio;
use crate::turn;

/// Prices the lanes one after the other: what the ceilings before a lane take is not there for it.
pub(crate) async fn quote(
    studio: &Arc<Studio>,
    request: CompareQuoteRequest,
) -> Result<CompareQuote, WireError> {
    check(request.model_ids.len())?;
    let draft = request.draft;
    let available = studio.available();
    let mut total = CompareQuote {
        revision: draft.revision,
        available,
        low: Credits::ZERO,
        likely: Credits::ZERO,
        high: Credits::ZERO,
        ceiling: Credits::ZERO,
        lanes: Vec::new(),
    };
    for model_id in request.model_ids {
        let left = available
            .checked_sub(total.ceiling)
            .ok_or_else(|| internal("ceilings beyond the pool"))?;
        let lane = quote::quote_within(studio, draft.clone(), left).await?;
        let lane = lane
            .models
            .into_iter()
            .find(|lane| lane.model_id == model_id);
        let lane = lane.ok_or_else(|| {
            let message = format!("`{model_id}` is not offered now");
            WireError::new(Code::ModelUnavailable, message)
        })?;
        add(&mut total, lane)?;
    }
    Ok(total)
}

fn add(total: &mut CompareQuote, lane: ModelQuote) -> Result<(), WireError> {
    if matches!(lane.fit, Fit::Fits | Fit::Limited { .. }) {
        let sum = |a: Credits, b: Credits| {
            a.checked_add(b)
                .ok_or_else(|| internal("a total beyond all credits"))
        };
        total.low = sum(total.low, lane.low)?;
        total.likely = sum(total.likely, lane.likely)?;
        total.high = sum(total.high, lane.high)?;
        total.ceiling = sum(total.ceiling, lane.ceiling)?;
    }
    total.lanes.push(lane);
    Ok(())
}

/// Sends the lanes in their order. The work goes on when the window that asked goes away.
pub(crate) async fn send(
    studio: &Arc<Studio>,
    request: CompareSend,
) -> Result<Compared, WireError> {
    check(request.lanes.len())?;
    let (answer, answered) = tokio::sync::oneshot::channel();
    let sending = Arc::clone(studio);
    studio.tasks.start(async move {
        let sent = send_lanes(&sending, request).await;
        // The window may be gone; the turns are in the outbox all the same.
        let _ = answer.send(sent);
    });
    answered.await.unwrap_or_else(|_| Err(no_studio()))
}

async fn send_lanes(studio: &Arc<Studio>, mut request: CompareSend) -> Result<Compared, WireError> {
    let mut compared = Compared {
        sent: Vec::new(),
        refused: Vec::new(),
    };
    let mut left = Left {
        pool: studio.available(),
        shown: request.ceiling,
    };
    let mut conversation_id = request.conversation_id;
    for lane in std::mem::take(&mut request.lanes) {
        let model_id = lane.model_id.clone();
        match send_lane(studio, &request, conversation_id, lane, &mut left).await {
            Ok(view) => {
                conversation_id = Some(view.conversation_id);
                compared.sent.push(view);
            }
            Err(error) => compared.refused.push(CompareRefused { model_id, error }),
        }
    }
    match compared.refused.first() {
        Some(first) if compared.sent.is_empty() => Err(first.error.clone()),
        _ => Ok(compared),
    }
}

/// What the lanes before one leave for it.
struct Left {
    /// Of the pool: the balance may not have heard of their holds yet.
    pool: Credits,
    /// Of the total that was shown.
    shown: Credits,
}

async fn send_lane(
    studio: &Arc<Studio>,
    request: &CompareSend,
    conversation_id: Option<ConversationId>,
    lane: CompareLane,
    left: &mut Left,
) -> Result<TurnView, WireError> {
    let shown = lane.ceiling.ok_or_else(|| {
        let message = format!("{} was shown as one that does not fit", lane.model_id);
        WireError::new(Code::InsufficientCredits, message)
    })?;
    let turn = TurnSend {
        conversation_id,
        parent_id: request.parent_id,
        model_id: lane.model_id,
        effort: lane.effort,
        answer_words_max: request.answer_words_max,
        media: None,
        parts: request.parts.clone(),
        stop_at: request.stop_at,
    };
    let bounds = Bounds {
        available: studio.available().min(left.pool),
        ceiling_max: Some(shown.min(left.shown)),
    };
    let sent = turn::prepare_and_send(studio, turn, bounds).await?;
    let less = |amount: Credits| {
        let rest = amount.checked_sub(sent.estimate.ceiling);
        rest.unwrap_or(Credits::ZERO).max(Credits::ZERO)
    };
    (left.pool, left.shown) = (less(left.pool), less(left.shown));
    Ok(sent)
}

fn check(lanes: usize) -> Result<(), WireError> {
    if (1..=COMPARED_MAX).contains(&lanes) {
        return Ok(());
    }
    let message = format!("1 to {COMPARED_MAX} models are compared at once");
    Err(WireError::new(Code::BadRequest, message))
}
