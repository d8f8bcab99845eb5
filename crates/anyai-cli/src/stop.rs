//! When a server is asked to stop: Ctrl-C, or the system's terminate signal.

/// Listens from this call on, not from the first poll: whoever reads the address a server printed
/// may ask it to stop at once, and it must end in order.
#[cfg(unix)]
pub(crate) fn listen() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};

    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    async move {
        // Without a signal to wait for, the program runs until it is ended from outside.
        let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Listens for Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn listen() -> impl Future<Output = ()> + Send + 'static {
    async {
        // Without a signal to wait for, the program runs until it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
