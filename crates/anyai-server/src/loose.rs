//! Bytes come with their files and go after them: what is deleted, alone or with its conversation,
//! stays for a day, so that it can be put back; what was stored and never sent stays for a month after
//! it was last asked for. What nobody's file refers to then is removed.

use anyai_units::UtcMillis;
use anyai_wire::WireError;

use crate::answer::history_failure;
use crate::assets::Staged;
use crate::history::KEPT_FOR_MS;
use crate::studio::Studio;

/// How long a file waits in somebody's draft.
const UNSENT_FOR_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

impl Studio {
    /// Keeps the bytes of a file whose row comes next; without one they go again.
    pub(crate) async fn keep(&self, staged: &Staged) -> Result<(), WireError> {
        let noted = async {
            let noted = self.history.note_bytes(staged.sha256).await;
            noted.map_err(|error| history_failure(&error))
        };
        self.assets.keep(staged, self.clock.now(), noted).await
    }
}

/// Lets go of what is nobody's, until the studio stops. Not with its other upkeep: a place for files
/// that does not answer holds up each removal for minutes.
pub(crate) async fn again_and_again(studio: &Studio) {
    loop {
        if let Err(error) = let_go(studio).await {
            tracing::error!(%error, "deleted files cannot be let go of yet: {error}");
        }
        tokio::time::sleep(studio.upkeep.reconcile_every).await;
        // Not at once: after a month without this server, drafts are asked for as soon as it is back.
        let unsent = studio.clock.now().plus_millis(-UNSENT_FOR_MS);
        if let Err(error) = studio.history.let_uploads_go(unsent).await {
            tracing::error!(%error, "files that nobody sent cannot be let go of yet: {error}");
        }
    }
}

/// Lets go of files that nobody can put back any more, then of bytes that are nobody's. Bytes that
/// cannot be removed hold up no others; the last failure is returned.
async fn let_go(studio: &Studio) -> Result<(), WireError> {
    let (history, now) = (&studio.history, studio.clock.now());
    let failed = |error| history_failure(&error);
    let before = now.plus_millis(-KEPT_FOR_MS);
    history.let_files_go(before).await.map_err(failed)?;
    let emptied = history.empty_conversations(before).await;
    emptied.map_err(failed)?;
    let mut gone = Ok(());
    for sha256 in history.loose_bytes().await.map_err(failed)? {
        gone = remove(studio, sha256, now).await.and(gone);
    }
    gone
}

async fn remove(studio: &Studio, sha256: [u8; 32], now: UtcMillis) -> Result<(), WireError> {
    let history = &studio.history;
    let failed = |error| history_failure(&error);
    let is_kept = async { history.is_kept(sha256).await.map_err(failed) };
    let forgotten = async { history.forget_bytes(sha256).await.map_err(failed) };
    let assets = &studio.assets;
    assets.remove_unless(&sha256, now, is_kept, forgotten).await
}
