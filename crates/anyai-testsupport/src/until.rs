//! Waiting for something to become true: by asking again, with a deadline, never by sleeping blindly.

use std::time::Duration;

use tokio::time::Instant;

/// Long enough for a busy machine; a story that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// Asks until there is an answer.
///
/// # Panics
/// When none comes in time, with `what` was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain for this: {what}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
