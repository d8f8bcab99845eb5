//! The log of a turn's events: appended once, replayed for whoever re-attaches.

use std::borrow::Borrow;
use std::sync::Arc;

use anyai_units::TurnId;
use anyai_wire::EventFrame;
use rusqlite::{Connection, params};

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, count, json, json_column, stored};

/// Events read at one time: little work, because it is done where everyone is served.
const PAGE_EVENTS_MAX: usize = 64;

/// Events of a log, in order.
#[derive(Debug)]
pub(crate) struct EventPage {
    pub(crate) frames: Vec<EventFrame>,
    /// The log had no more just then.
    pub(crate) is_last: bool,
}

impl History {
    /// Appends events of a turn; their numbers must follow the last one's.
    pub(crate) async fn append_events(
        &self,
        frames: Vec<Arc<EventFrame>>,
    ) -> Result<(), HistoryError> {
        let write = self
            .database
            .write(move |connection| append(connection, &frames));
        write.await
    }

    /// A page of the events after a sequence number.
    pub(crate) fn events_after(&self, turn: TurnId, after: u64) -> Result<EventPage, HistoryError> {
        self.database.glance(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT sequence, event FROM turn_event WHERE turn = ?1 AND sequence > ?2
                 ORDER BY sequence LIMIT ?3",
            )?;
            let rows = statement.query_and_then(
                params![
                    bytes_of(turn.uuid()),
                    stored(after),
                    stored(PAGE_EVENTS_MAX as u64)
                ],
                |row| {
                    Ok(EventFrame {
                        turn_id: turn,
                        sequence: count(row, "sequence")?,
                        event: json_column(row, "event")?,
                    })
                },
            )?;
            let frames: Vec<EventFrame> = rows.collect::<Result<_, HistoryError>>()?;
            Ok(EventPage {
                is_last: frames.len() < PAGE_EVENTS_MAX,
                frames,
            })
        })
    }
}

pub(super) fn append<F: Borrow<EventFrame>>(
    connection: &Connection,
    frames: &[F],
) -> Result<(), HistoryError> {
    let mut insert = connection
        .prepare_cached("INSERT INTO turn_event(turn, sequence, event) VALUES (?1, ?2, ?3)")?;
    for frame in frames {
        let frame = frame.borrow();
        insert.execute(params![
            bytes_of(frame.turn_id.uuid()),
            stored(frame.sequence),
            json(&frame.event)?
        ])?;
    }
    Ok(())
}
