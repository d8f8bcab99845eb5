//! The log of a turn's events: appended once, replayed for whoever re-attaches.

use std::borrow::Borrow;
use std::sync::Arc;

use anyai_units::TurnId;
use anyai_wire::EventFrame;
use rusqlite::{Connection, params};

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, count, json, json_column, stored};

/// Events read at one time.
const PAGE_EVENTS_MAX: i64 = 1_000;

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

    /// A page of the events after a sequence number, in order.
    pub(crate) async fn events_after(
        &self,
        turn: TurnId,
        after: u64,
    ) -> Result<Vec<EventFrame>, HistoryError> {
        let read = self.database.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT sequence, event FROM turn_event WHERE turn = ?1 AND sequence > ?2
                 ORDER BY sequence LIMIT ?3",
            )?;
            let rows = statement.query_and_then(
                params![bytes_of(turn.uuid()), stored(after), PAGE_EVENTS_MAX],
                |row| {
                    Ok(EventFrame {
                        turn_id: turn,
                        sequence: count(row, "sequence")?,
                        event: json_column(row, "event")?,
                    })
                },
            )?;
            rows.collect()
        });
        read.await
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
