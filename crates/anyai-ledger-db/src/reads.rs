//! The reading lane: a thread that owns the connection that reads, so that nobody who reads holds up
//! who writes.

use tokio::sync::{mpsc, oneshot};

use crate::LedgerError;
use crate::backing::Reader;

/// How many questions may wait.
const QUEUE_LIMIT: usize = 1_024;

type Question = Box<dyn FnOnce(&mut dyn Reader) + Send>;

/// The way to the reading thread. It ends with the last clone.
#[derive(Clone)]
pub(crate) struct Reads {
    queue: mpsc::Sender<Question>,
}

impl Reads {
    /// Starts the thread.
    pub(crate) fn start(mut reader: Box<dyn Reader>) -> std::io::Result<Self> {
        let (queue, mut questions) = mpsc::channel::<Question>(QUEUE_LIMIT);
        std::thread::Builder::new()
            .name("ledger-reader".to_owned())
            .spawn(move || {
                while let Some(question) = questions.blocking_recv() {
                    question(reader.as_mut());
                }
            })?;
        Ok(Self { queue })
    }

    /// Reads as of one moment.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Reader) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (caller, answer) = oneshot::channel();
        let question: Question = Box::new(move |reader| {
            let answer = at_one_moment(reader, read).map_err(|error| reader.explain(error));
            // A caller that went away wants no answer.
            let _ = caller.send(answer);
        });
        let sent = self.queue.send(question).await;
        sent.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }
}

/// Runs `read` between the reader's begin and end, whatever it answers.
pub(crate) fn at_one_moment<T>(
    reader: &mut dyn Reader,
    read: impl FnOnce(&mut dyn Reader) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    reader.begin()?;
    let answer = read(reader);
    let ended = reader.end();
    let answer = answer?;
    ended.map(|()| answer)
}
