//! What an open studio does by itself, every now and then, until it stops.

use std::sync::Arc;
use std::time::Duration;

use crate::studio::Studio;
use crate::turns::reconcile_abandoned;

/// Ends, again and again, what nobody sees through any more.
pub(crate) fn start(studio: &Arc<Studio>, every: Duration) {
    let owned = Arc::clone(studio);
    drop(studio.spawn(async move {
        let stopping = owned.stopping.clone();
        let keep_up = async {
            loop {
                tokio::time::sleep(every).await;
                if let Err(error) = reconcile_abandoned(&owned).await {
                    tracing::error!(%error, "what was left open cannot be ended yet: {error}");
                }
            }
        };
        stopping.run_until_cancelled(keep_up).await;
    }));
}
