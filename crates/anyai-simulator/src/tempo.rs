//! When each piece of a body is due.

use std::time::Duration;

use tokio::time::Instant;

use crate::ask::Effort;
use crate::fault::Fault;
use crate::model::Size;
use crate::options::Pace;
use crate::turn::Turn;

/// How long a picture takes at [`Pace::Natural`].
const PICTURE_MS: u64 = 2_500;

/// When the next token is due.
pub(crate) struct Tempo {
    due: Option<Instant>,
    per_token: Duration,
}

impl Tempo {
    /// The tempo of an answer in words.
    pub(crate) fn of(turn: &Turn, pace: Pace, faults: &[Fault]) -> Self {
        let (first, per_token) = match pace {
            Pace::Instant => (None, Duration::ZERO),
            Pace::Natural => natural(turn),
            Pace::Fixed {
                first_token,
                tokens_per_second,
            } => (Some(first_token), period(tokens_per_second)),
        };
        Self::starting(first, per_token, faults)
    }

    /// The tempo of pictures that come in so many pieces: the last is there when all are made.
    pub(crate) fn of_pictures(count: u32, pieces: usize, pace: Pace, faults: &[Fault]) -> Self {
        let whole = match pace {
            Pace::Instant => return Self::starting(None, Duration::ZERO, faults),
            Pace::Natural => Duration::from_millis(PICTURE_MS) * count.max(1),
            Pace::Fixed { first_token, .. } => first_token,
        };
        let each = whole / u32::try_from(pieces.max(1)).unwrap_or(u32::MAX);
        Self::starting(Some(each), each, faults)
    }

    /// The tempo of what is there already.
    pub(crate) fn at_once(faults: &[Fault]) -> Self {
        Self::starting(None, Duration::ZERO, faults)
    }

    fn starting(first: Option<Duration>, mut per_token: Duration, faults: &[Fault]) -> Self {
        let mut due = first.map(|first| Instant::now() + first);
        for fault in faults {
            if let Fault::Slow { tokens_per_second } = fault {
                per_token = period(*tokens_per_second);
                due = due.or_else(|| Some(Instant::now()));
            }
        }
        Self { due, per_token }
    }

    pub(crate) async fn wait(&mut self) {
        if let Some(due) = self.due {
            tokio::time::sleep_until(due).await;
            self.due = Some(due + self.per_token);
        }
    }

    pub(crate) fn restart(&mut self) {
        self.due = self.due.map(|_| Instant::now());
    }
}

fn period(tokens_per_second: u32) -> Duration {
    Duration::from_secs(1) / tokens_per_second.max(1)
}

fn natural(turn: &Turn) -> (Option<Duration>, Duration) {
    let (first_ms, tokens_per_second) = match turn.ask.known.size() {
        Size::Small => (250, 140),
        Size::Medium => (500, 85),
        Size::Large => (850, 50),
    };
    let hidden = !turn.ask.thinking.is_shown() && turn.ask.effort >= Effort::High;
    let first_ms = if hidden { first_ms * 2 } else { first_ms };
    (
        Some(Duration::from_millis(first_ms)),
        period(tokens_per_second),
    )
}
