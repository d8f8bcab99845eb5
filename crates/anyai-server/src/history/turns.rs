//! The life of a turn's row: begun, started, closed, ended.

use std::sync::Arc;

use anyai_units::{ConversationId, Credits, MemberId, Tokens, TurnId, UtcMillis};
use anyai_wire::api::{ConversationRecord, TurnRecord};
use anyai_wire::{Attachment, EventFrame, TurnEvent, TurnPhase};
use rusqlite::{Connection, params};

use super::database::Queued;
use super::error::HistoryError;
use super::row::{bytes_of, json, next_revision, stored};
use super::turn_row::{Closing, NewTurn, PathTurn, ProviderState, StoredTurn, stored_turn};
use super::{History, JobRow, conversations, events, jobs, row};

/// The longest path that is followed.
const PATH_TURNS_MAX: i64 = 10_000;

/// The longest path that is read at a glance.
const GLANCE_TURNS_MAX: i64 = 8;

/// The answer to a turn that wants to begin.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is stored, as sending.
    New,
    /// The id is taken by this turn.
    Existing(Box<StoredTurn>),
}

/// A turn whose start has its place in the history.
#[derive(Debug)]
pub(crate) struct Starting<'a> {
    history: &'a History,
    queued: Queued<StoredTurn>,
}

impl Starting<'_> {
    /// The record, once it is on disk.
    pub(crate) async fn on_disk(self) -> Result<TurnRecord, HistoryError> {
        let stored = self.queued.on_disk().await?;
        self.history.moved_to(stored.record.revision);
        Ok(stored.record)
    }
}

/// A turn whose end has its place in the history.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    history: &'a History,
    queued: Queued<Option<(EventFrame, u64)>>,
}

impl Ending<'_> {
    /// The last event, once it is on disk; `None` of a turn that had ended before.
    pub(crate) async fn on_disk(self) -> Result<Option<EventFrame>, HistoryError> {
        let written = self.queued.on_disk().await?;
        Ok(written.map(|(frame, revision)| {
            self.history.moved_to(revision);
            frame
        }))
    }
}

/// What is known before a turn is taken in.
#[derive(Debug)]
pub(crate) enum Before {
    /// The turn was taken in already.
    Existing(Box<StoredTurn>),
    /// Its conversation is another member's.
    Anothers,
    /// It is new.
    New {
        /// The conversation it is to be part of, if there is one.
        conversation: Option<ConversationRecord>,
        /// The path that ends at the turn it follows, oldest first; empty when it follows none, or
        /// one that the member does not have.
        path: Vec<PathTurn>,
    },
}

impl History {
    /// What is known before a turn is taken in, as of one moment. A long path is read elsewhere.
    pub(crate) async fn before_turn(
        &self,
        member: MemberId,
        turn: TurnId,
        conversation: ConversationId,
        parent: Option<TurnId>,
    ) -> Result<Before, HistoryError> {
        let seen = self.database.glance(|connection| match parent {
            Some(parent) if !is_short(connection, parent)? => Ok(None),
            _ => before(connection, member, turn, conversation, parent).map(Some),
        })?;
        match seen {
            Some(seen) => Ok(seen),
            None => {
                let read = move |connection: &Connection| {
                    before(connection, member, turn, conversation, parent)
                };
                self.database.read(read).await
            }
        }
    }

    /// Stores a turn before anything is held for it: it has its place in the history when this
    /// answers. Until [`History::start_turn`] no feed shows it.
    pub(crate) async fn begin_turn(&self, turn: NewTurn) -> Result<Queued<Begun>, HistoryError> {
        let begin = move |connection: &Connection| {
            if let Some(existing) = find(connection, turn.id)? {
                return Ok(Begun::Existing(Box::new(existing)));
            }
            insert(connection, &turn)?;
            if turn.media.is_some() {
                jobs::put(connection, &JobRow::reserved(turn.id))?;
            }
            Ok(Begun::New)
        };
        self.database.enqueue(begin).await
    }

    /// Forgets a turn that was refused: its id may come again.
    pub(crate) async fn withdraw_turn(&self, turn: TurnId) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            let turn = params![bytes_of(turn.uuid())];
            connection.execute(
                "DELETE FROM job WHERE turn = (SELECT id FROM turn WHERE id = ?1
                   AND revision IS NULL)",
                turn,
            )?;
            connection.execute("DELETE FROM turn WHERE id = ?1 AND revision IS NULL", turn)?;
            Ok(())
        });
        write.await
    }

    /// Makes a held turn part of its conversation, which its first turn makes. It has its place in
    /// the history when this answers, before all that is written of the turn later, and is on disk
    /// when [`Starting::on_disk`] does.
    pub(crate) async fn start_turn(
        &self,
        turn: TurnId,
        conversation: ConversationId,
        title: String,
        held: Credits,
        now: UtcMillis,
    ) -> Result<Starting<'_>, HistoryError> {
        let start = move |connection: &Connection| {
            let member = member_of(connection, turn)?;
            conversations::touch(connection, member, conversation, &title, now)?;
            append_started(connection, turn, held)?;
            let phase = TurnPhase::Running {
                held,
                spent_so_far: Credits::ZERO,
                job: None,
            };
            set_phase(connection, turn, &phase, false, 1)?;
            let stored = find(connection, turn)?;
            stored.ok_or_else(|| HistoryError::damaged("a turn that was begun is not found"))
        };
        Ok(Starting {
            history: self,
            queued: self.database.enqueue(start).await?,
        })
    }

    /// Stores how a turn is to end, with the last of what it wrote.
    pub(crate) async fn close_turn(
        &self,
        turn: TurnId,
        last: Vec<Arc<EventFrame>>,
        closing: Closing,
        states: Vec<ProviderState>,
    ) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            events::append(connection, &last)?;
            connection
                .prepare_cached("UPDATE turn SET closing = ?2 WHERE id = ?1")?
                .execute(params![bytes_of(turn.uuid()), json(&closing)?])?;
            if let Some(state) = closing.job {
                jobs::end(connection, turn, state)?;
            }
            let mut insert = connection.prepare_cached(
                "INSERT INTO turn_state(turn, place, text_offset, protocol, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            )?;
            for (place, state) in states.iter().enumerate() {
                insert.execute(params![
                    bytes_of(turn.uuid()),
                    stored(place as u64),
                    stored(state.text_offset),
                    state.protocol,
                    state.bytes
                ])?;
            }
            Ok(())
        });
        write.await
    }

    /// Writes a turn's last phase, with the event that says so and the text its events add up to.
    /// A turn that has ended already stays as it is.
    pub(crate) async fn end_turn(
        &self,
        turn: TurnId,
        phase: TurnPhase,
        event: TurnEvent,
        now: UtcMillis,
    ) -> Result<Option<EventFrame>, HistoryError> {
        let ending = self.ending(turn, phase, event, now).await?;
        ending.on_disk().await
    }

    /// As [`History::end_turn`], but answers as soon as the end has its place.
    pub(crate) async fn ending(
        &self,
        turn: TurnId,
        phase: TurnPhase,
        event: TurnEvent,
        now: UtcMillis,
    ) -> Result<Ending<'_>, HistoryError> {
        let end = move |connection: &Connection| {
            let Some(stored) = find(connection, turn)?.filter(|stored| !stored.ended) else {
                return Ok(None);
            };
            if stored.record.revision == 0 {
                // It was sent while its start was being stored, and that never was.
                append_started(connection, turn, stored.terms.ceiling)?;
            }
            let frame = EventFrame {
                turn_id: turn,
                sequence: stored.record.sequence.max(1) + 1,
                event,
            };
            events::append(connection, std::slice::from_ref(&frame))?;
            let ended = !matches!(phase, TurnPhase::Reconciling { .. });
            if ended {
                let record = &stored.record;
                let (thinking, text) = (&record.thinking, &record.text);
                keep_output(connection, turn, thinking, text, &record.outputs)?;
            }
            let conversation = stored.record.conversation_id;
            let title = anyai_wire::title_of(&stored.record.prompt);
            conversations::touch(connection, stored.member, conversation, &title, now)?;
            let revision = set_phase(connection, turn, &phase, ended, frame.sequence)?;
            Ok(Some((frame, revision)))
        };
        Ok(Ending {
            history: self,
            queued: self.database.enqueue(end).await?,
        })
    }

    /// The turn with this id.
    pub(crate) async fn turn(&self, turn: TurnId) -> Result<Option<StoredTurn>, HistoryError> {
        let read = self.database.read(move |connection| find(connection, turn));
        read.await
    }

    /// Whether there is such a turn of the member's.
    pub(crate) fn is_turn_of(&self, member: MemberId, turn: TurnId) -> Result<bool, HistoryError> {
        self.database.glance(|connection| {
            let mut asked = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM turn WHERE id = ?1 AND member = ?2)",
            )?;
            let key = params![bytes_of(turn.uuid()), bytes_of(member.uuid())];
            Ok(asked.query_row(key, |row| row.get(0))?)
        })
    }

    /// Every turn that has not ended, oldest first.
    pub(crate) async fn turns_not_ended(&self) -> Result<Vec<StoredTurn>, HistoryError> {
        let read = self.database.read(|connection| {
            let mut statement =
                connection.prepare("SELECT * FROM turn WHERE ended = 0 ORDER BY created_at, id")?;
            let rows = statement.query_and_then([], |row| stored_turn(connection, row))?;
            rows.collect()
        });
        read.await
    }
}

fn before(
    connection: &Connection,
    member: MemberId,
    turn: TurnId,
    conversation: ConversationId,
    parent: Option<TurnId>,
) -> Result<Before, HistoryError> {
    if let Some(existing) = find(connection, turn)? {
        return Ok(Before::Existing(Box::new(existing)));
    }
    let found = conversations::find(connection, member, conversation)?;
    if found.is_none() && conversations::exists(connection, conversation)? {
        return Ok(Before::Anothers);
    }
    Ok(Before::New {
        conversation: found,
        path: match parent {
            Some(parent) => path(connection, member, parent)?,
            None => Vec::new(),
        },
    })
}

/// Whether a path has so few turns that they are read at a glance.
fn is_short(connection: &Connection, leaf: TurnId) -> Result<bool, HistoryError> {
    let mut count = connection.prepare_cached(
        "WITH RECURSIVE path(id, parent, depth) AS (
           SELECT id, parent, 0 FROM turn WHERE id = ?1
           UNION ALL
           SELECT turn.id, turn.parent, depth + 1
           FROM turn JOIN path ON turn.id = path.parent WHERE depth < ?2)
         SELECT count(*) FROM path",
    )?;
    let leaf = bytes_of(leaf.uuid());
    let turns: i64 = count.query_row(params![leaf, GLANCE_TURNS_MAX], |row| row.get(0))?;
    Ok(turns <= GLANCE_TURNS_MAX)
}

/// The path of a member's turns that ends at `leaf`, oldest first; empty when they have no such turn.
fn path(
    connection: &Connection,
    member: MemberId,
    leaf: TurnId,
) -> Result<Vec<PathTurn>, HistoryError> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE path(id, parent, depth) AS (
           SELECT id, parent, 0 FROM turn WHERE id = ?1 AND member = ?3
           UNION ALL
           SELECT turn.id, turn.parent, depth + 1
           FROM turn JOIN path ON turn.id = path.parent WHERE depth < ?2 AND member = ?3)
         SELECT turn.* FROM path JOIN turn USING(id) ORDER BY depth DESC",
    )?;
    let asked = params![
        bytes_of(leaf.uuid()),
        PATH_TURNS_MAX,
        bytes_of(member.uuid())
    ];
    let rows = statement.query_and_then(asked, |row| path_turn(connection, row))?;
    rows.collect()
}

/// The event every turn's log begins with.
fn append_started(
    connection: &Connection,
    turn: TurnId,
    held: Credits,
) -> Result<(), HistoryError> {
    let started = EventFrame {
        turn_id: turn,
        sequence: 1,
        event: TurnEvent::Started { held },
    };
    events::append(connection, &[started])
}

pub(super) fn find(
    connection: &Connection,
    turn: TurnId,
) -> Result<Option<StoredTurn>, HistoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM turn WHERE id = ?1")?;
    let mut rows = statement.query_and_then(params![bytes_of(turn.uuid())], |row| {
        stored_turn(connection, row)
    })?;
    rows.next().transpose()
}

fn member_of(connection: &Connection, turn: TurnId) -> Result<MemberId, HistoryError> {
    let mut statement = connection.prepare_cached("SELECT member FROM turn WHERE id = ?1")?;
    let mut rows = statement.query_and_then(params![bytes_of(turn.uuid())], row::member)?;
    rows.next()
        .unwrap_or_else(|| Err(HistoryError::damaged("a turn that was begun is not found")))
}

pub(super) fn insert(connection: &Connection, turn: &NewTurn) -> Result<(), HistoryError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO turn(id, conversation, parent, created_at, provider, model, model_label,
           effort, simulated, prompt, estimate, fingerprint, terms, phase, media, member)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    insert.execute(params![
        bytes_of(turn.id.uuid()),
        bytes_of(turn.conversation_id.uuid()),
        turn.parent_id.map(|parent| bytes_of(parent.uuid())),
        turn.created_at.millis(),
        turn.provider,
        turn.model_id,
        turn.model_label,
        turn.effort,
        turn.simulated,
        json(&turn.prompt)?,
        json(&turn.estimate)?,
        turn.fingerprint,
        json(&turn.terms)?,
        json(&TurnPhase::Sending)?,
        turn.media.as_ref().map(json).transpose()?,
        bytes_of(turn.member.uuid()),
    ])?;
    Ok(())
}

pub(super) fn set_phase(
    connection: &Connection,
    turn: TurnId,
    phase: &TurnPhase,
    ended: bool,
    sequence: u64,
) -> Result<u64, HistoryError> {
    let revision = next_revision(connection)?;
    let mut update = connection.prepare_cached(
        "UPDATE turn SET phase = ?2, ended = ?3, sequence = ?4, revision = ?5 WHERE id = ?1",
    )?;
    update.execute(params![
        bytes_of(turn.uuid()),
        json(phase)?,
        ended,
        stored(sequence),
        revision
    ])?;
    u64::try_from(revision).map_err(|_| HistoryError::damaged("a revision is below zero"))
}

pub(super) fn keep_output(
    connection: &Connection,
    turn: TurnId,
    thinking: &str,
    text: &str,
    outputs: &[Attachment],
) -> Result<(), HistoryError> {
    connection
        .prepare_cached("UPDATE turn SET thinking = ?2, text = ?3, outputs = ?4 WHERE id = ?1")?
        .execute(params![
            bytes_of(turn.uuid()),
            thinking,
            text,
            json(&outputs)?
        ])?;
    Ok(())
}

fn path_turn(connection: &Connection, row: &rusqlite::Row<'_>) -> Result<PathTurn, HistoryError> {
    let turn = stored_turn(connection, row)?;
    let mut statement = connection.prepare_cached(
        "SELECT text_offset, protocol, bytes FROM turn_state WHERE turn = ?1 ORDER BY place",
    )?;
    let states = statement.query_and_then(params![bytes_of(turn.record.id.uuid())], |row| {
        Ok::<_, HistoryError>(ProviderState {
            text_offset: row::count(row, "text_offset")?,
            protocol: row.get("protocol")?,
            bytes: row.get("bytes")?,
        })
    })?;
    Ok(PathTurn {
        conversation_id: turn.record.conversation_id,
        provider: row.get("provider")?,
        prompt: turn.record.prompt,
        thinking: turn.record.thinking,
        text: turn.record.text,
        phase: turn.record.phase,
        states: states.collect::<Result<_, _>>()?,
        thinking_tokens: turn
            .closing
            .map_or(Tokens::ZERO, |closing| closing.thinking_tokens()),
    })
}
