//! Counting and hashing of long conversations, away from the threads that serve everyone.

/// Text that is counted or hashed where it is: two switches of threads would take longer than a
/// usual prompt does.
const SHORT_BYTES: usize = 4 * 1024;

/// Runs work on `bytes` of text, on a thread that may be busy unless they are few.
pub(super) async fn off_thread_if_long<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if bytes <= SHORT_BYTES {
        work()
    } else {
        off_thread(work).await
    }
}

/// Runs CPU-bound work on a thread that may be busy. A panic of the work is the caller's.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going away, and whoever waits with it.
            Err(_) => std::future::pending().await,
        },
    }
}
