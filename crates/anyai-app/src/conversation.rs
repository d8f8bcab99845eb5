//! Conversations, drafts and search: read from the mirror, changed through the server.

use std::sync::Arc;

use anyai_mirror::{ConversationRow, DraftRow};
use anyai_units::ConversationId;
use anyai_wire::api::ConversationPatch;
use anyai_wire::{
    Code, ConversationDelete, ConversationList, ConversationRename, ConversationSelect,
    ConversationSummary, ConversationView, Conversations, DraftSave, SearchHits, SearchQuery,
    TurnView, WireError,
};

use crate::convert;
use crate::stop_at;
use crate::studio::Studio;

const LIST_MAX: u32 = 500;
const HITS_MAX: u32 = 200;
const TITLE_CHARS_MAX: usize = 200;

pub(crate) async fn list(
    studio: &Studio,
    request: ConversationList,
) -> Result<Conversations, WireError> {
    let limit = request.limit.clamp(1, LIST_MAX);
    let read = studio.mirror.read(move |mirror| {
        let rows = mirror.conversations(request.before, limit)?;
        Ok((rows, mirror.conversation_count()?))
    });
    let (rows, total) = read.await?;
    Ok(Conversations {
        conversations: rows.into_iter().map(convert::summary).collect(),
        total,
    })
}

pub(crate) async fn open(
    studio: &Studio,
    id: ConversationId,
) -> Result<ConversationView, WireError> {
    let read = studio.mirror.read(move |mirror| {
        let summary = mirror.conversation(id)?;
        let turns = mirror.turns(id)?;
        let leaf = mirror.selected_leaf(id)?;
        Ok((summary, turns, leaf, mirror.draft(Some(id))?))
    });
    let (summary, rows, selected_leaf, draft) = read.await?;
    let summary = summary.ok_or_else(not_found)?;
    let mut turns = Vec::with_capacity(rows.len());
    for row in rows {
        let view = convert::turn_view(row)?;
        turns.push(freshest(studio, view));
    }
    stop_at::with_limits(studio, id, &mut turns).await?;
    Ok(ConversationView {
        summary: convert::summary(summary),
        selected_leaf: selected_leaf.or_else(|| turns.last().map(|turn| turn.id)),
        turns,
        draft_files: convert::draft_files(&draft),
        draft: draft.text,
    })
}

/// A turn under way is further along in memory than on disk.
pub(crate) fn freshest(studio: &Studio, view: TurnView) -> TurnView {
    match studio.live.view(view.id) {
        Some(live) if live.sequence >= view.sequence => live,
        _ => view,
    }
}

pub(crate) async fn rename(
    studio: &Arc<Studio>,
    request: ConversationRename,
) -> Result<ConversationSummary, WireError> {
    let title = request.title.trim();
    let length = title.chars().count();
    if length == 0 || length > TITLE_CHARS_MAX {
        let message = format!("a title has 1 to {TITLE_CHARS_MAX} characters");
        return Err(WireError::new(Code::BadRequest, message));
    }
    let patch = ConversationPatch {
        title: Some(title.to_owned()),
        deleted: None,
    };
    patched(studio, request.conversation_id, patch).await
}

pub(crate) async fn delete(
    studio: &Arc<Studio>,
    request: ConversationDelete,
) -> Result<(), WireError> {
    let patch = ConversationPatch {
        title: None,
        deleted: Some(request.deleted),
    };
    patched(studio, request.conversation_id, patch)
        .await
        .map(|_| ())
}

async fn patched(
    studio: &Arc<Studio>,
    id: ConversationId,
    patch: ConversationPatch,
) -> Result<ConversationSummary, WireError> {
    let row = match studio.client.patch_conversation(id, &patch).await {
        Ok(record) => convert::conversation_row(&record),
        Err(error) => {
            let error = WireError::from(error);
            let unknown = error.code == Code::ConversationNotFound;
            let local = if unknown {
                local(studio, id).await?
            } else {
                None
            };
            changed(local.ok_or(error)?, patch)
        }
    };
    let write = studio.mirror.write(move |mirror| {
        mirror.put_conversation(&row)?;
        mirror.conversation(id)
    });
    let summary = write.await?.ok_or_else(not_found)?;
    studio.emit_history(vec![id]);
    Ok(convert::summary(summary))
}

/// A conversation that never reached the server, because its first turn was refused.
async fn local(studio: &Studio, id: ConversationId) -> Result<Option<ConversationRow>, WireError> {
    let known = studio
        .mirror
        .read(move |mirror| mirror.conversation(id))
        .await?;
    let conversation = known.map(|known| known.conversation);
    Ok(conversation.filter(|conversation| conversation.revision == 0))
}

fn changed(conversation: ConversationRow, patch: ConversationPatch) -> ConversationRow {
    ConversationRow {
        title: patch.title.unwrap_or(conversation.title),
        deleted: patch.deleted.unwrap_or(conversation.deleted),
        ..conversation
    }
}

pub(crate) async fn select(studio: &Studio, request: ConversationSelect) -> Result<(), WireError> {
    let ConversationSelect {
        conversation_id,
        leaf,
    } = request;
    let turn = studio.mirror.read(move |mirror| mirror.turn(leaf)).await?;
    if turn.is_none_or(|turn| turn.conversation_id != conversation_id) {
        let message = "that turn is not in this conversation";
        return Err(WireError::new(Code::TurnNotFound, message));
    }
    studio
        .mirror
        .write(move |mirror| mirror.select_leaf(conversation_id, leaf))
        .await
}

pub(crate) async fn draft_save(studio: &Studio, draft: DraftSave) -> Result<(), WireError> {
    let row = DraftRow {
        files: convert::json(&draft.files)?,
        text: draft.text,
    };
    let save = studio
        .mirror
        .write(move |mirror| mirror.save_draft(draft.conversation_id, &row));
    save.await
}

pub(crate) async fn draft_new(studio: &Studio) -> Result<DraftSave, WireError> {
    let draft = studio.mirror.read(|mirror| mirror.draft(None)).await?;
    Ok(DraftSave {
        conversation_id: None,
        files: convert::draft_files(&draft),
        text: draft.text,
    })
}

pub(crate) async fn search(studio: &Studio, query: SearchQuery) -> Result<SearchHits, WireError> {
    let limit = query.limit.clamp(1, HITS_MAX);
    let find = studio
        .mirror
        .read(move |mirror| mirror.search(&query.text, limit));
    let hits = find.await?;
    Ok(SearchHits {
        hits: hits.into_iter().map(convert::search_hit).collect(),
    })
}

pub(crate) fn not_found() -> WireError {
    WireError::new(
        Code::ConversationNotFound,
        "that conversation is not known here",
    )
}
