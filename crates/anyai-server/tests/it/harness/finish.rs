//! What must hold at the end of any story.

use std::path::{Path, PathBuf};

use anyai_ledger_db::{VerifyOptions, verify_file_before};
use anyai_server::Histories;
use anyai_units::Credits;
use anyai_wire::api::TurnRecord;
use anyai_wire::{EventFrame, TurnEvent, TurnPhase};
use rusqlite::Connection;

use super::TestStudio;

impl TestStudio {
    /// Shuts down and checks everything that must hold at the end of any story.
    pub(crate) async fn finish(mut self) {
        self.check_and_close().await;
    }

    /// The same, and then looks at the closed files.
    pub(crate) async fn finish_then(mut self, look: impl FnOnce(&Path)) {
        self.check_and_close().await;
        look(self.folder());
    }

    async fn check_and_close(&mut self) {
        let balance = self.balance().await;
        assert_eq!(balance.pending, Credits::ZERO, "a hold is left pending");
        for token in self.tokens() {
            self.check_turns_of(&token).await;
        }
        let mut charged = Credits::ZERO;
        for phase in self.phases_on_disk() {
            charged = charged.checked_add(cost_of(&phase)).unwrap();
        }
        assert_eq!(
            balance.posted, charged,
            "the turns add up to what was spent"
        );
        self.close(true).await;
    }

    async fn check_turns_of(&self, token: &str) {
        let Some(changes) = self.history_of(token, 0).await else {
            return;
        };
        assert!(!changes.more, "the story is longer than one page");
        for turn in &changes.turns {
            let cost = cost_of(&turn.phase);
            let receipt = self.receipt(turn.id).await;
            assert_eq!(receipt.charged, Some(cost), "receipt and record agree");
            assert!(cost <= receipt.held, "nothing is charged above its hold");
            let frames = self.events(turn.id, 0).await;
            assert_whole(turn, &frames);
        }
    }

    /// The same where a month has passed, whose spending is in no balance any more.
    pub(crate) async fn finish_across_months(mut self) {
        assert_eq!(self.balance().await.pending, Credits::ZERO);
        self.close(true).await;
    }

    /// The same of a history whose ledger is gone: what it shows was charged in that.
    pub(crate) async fn finish_without_its_ledger(mut self) {
        assert_eq!(self.balance().await.pending, Credits::ZERO);
        self.close(false).await;
    }

    /// Shuts down a studio that shares its ledger: what is in it is not its own to check.
    pub(crate) async fn leave(mut self) {
        self.shut_down().await;
    }

    async fn shut_down(&mut self) {
        self.finished = true;
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }

    async fn close(&mut self, has_its_ledger: bool) {
        self.shut_down().await;
        let histories = has_its_ledger.then(|| self.folder().join("history.sqlite"));
        let histories: Vec<PathBuf> = histories.into_iter().collect();
        let mut histories = Histories::open(&histories, has_its_ledger).unwrap();
        let options = VerifyOptions::default();
        let report = verify_file_before(&self.ledger_path(), &options, &mut histories).unwrap();
        assert!(report.sound, "{:?}", report.first_problem);
        assert_eq!(histories.found().without_price, 0, "every price is known");
        let history = Connection::open(self.folder().join("history.sqlite")).unwrap();
        let open: i64 = history
            .query_row("SELECT count(*) FROM turn WHERE ended = 0", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(open, 0, "a turn is left that never ended");
    }
}

impl Drop for TestStudio {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("a test must finish its studio");
        }
    }
}

fn cost_of(phase: &TurnPhase) -> Credits {
    match phase {
        TurnPhase::Settled { charged, .. } | TurnPhase::Failed { charged, .. } => *charged,
        other => panic!("a turn was left {other:?}"),
    }
}

/// The events of a turn are numbered from 1 without gaps, add up to its record and end once.
pub(crate) fn assert_whole(turn: &TurnRecord, frames: &[EventFrame]) {
    let numbers: Vec<u64> = frames.iter().map(|frame| frame.sequence).collect();
    let expected: Vec<u64> = (1..=frames.len() as u64).collect();
    assert_eq!(numbers, expected, "numbered from 1 without gaps");
    let (mut thinking, mut text) = (String::new(), String::new());
    for frame in frames {
        match &frame.event {
            TurnEvent::Thinking { text } => thinking.push_str(text),
            TurnEvent::Text { text: more } => text.push_str(more),
            _ => {}
        }
    }
    assert_eq!(text, turn.text);
    assert_eq!(thinking, turn.thinking);
    assert_eq!(turn.sequence, frames.len() as u64);
    let ends = frames.iter().filter(|frame| is_end(&frame.event)).count();
    assert_eq!(ends, 1, "a turn ends once");
    assert!(
        is_end(&frames[frames.len() - 1].event),
        "the end comes last"
    );
}

pub(crate) fn is_end(event: &TurnEvent) -> bool {
    matches!(event, TurnEvent::Settled { .. } | TurnEvent::Failed { .. })
}
