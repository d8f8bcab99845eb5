//! What moves the price of a turn.

/// Shares of the likely cost, in permille; they sum to 1,000 when the turn costs anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Drivers {
    /// The conversation and the instructions before the draft.
    pub history_permille: u16,
    /// Attached pictures and documents.
    pub attachments_permille: u16,
    /// The words of the draft.
    pub draft_permille: u16,
    /// The answer, thinking included.
    pub answer_permille: u16,
}

impl Drivers {
    pub(crate) fn from_costs(history: u128, attachments: u128, draft: u128, answer: u128) -> Self {
        let total = history + attachments + draft + answer;
        // Rounded down; the answer takes what rounding leaves.
        let share = |part: u128| (part * 1_000).checked_div(total).unwrap_or(0);
        let share = |part| u16::try_from(share(part)).unwrap_or(1_000);
        let (history, attachments, draft) = (share(history), share(attachments), share(draft));
        let answer = if total == 0 {
            0
        } else {
            1_000 - history - attachments - draft
        };
        Self {
            history_permille: history,
            attachments_permille: attachments,
            draft_permille: draft,
            answer_permille: answer,
        }
    }
}
