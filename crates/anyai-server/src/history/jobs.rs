//! Jobs: where the making of a turn's pictures or clip stands. What is stored here before a step is
//! all that a start after a crash goes by.

use std::sync::Arc;

use anyai_units::{TurnId, UtcMillis};
use anyai_wire::EventFrame;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::error::HistoryError;
use super::row::{bytes_of, from_json, json, next_revision};
use super::turn_row::Closing;
use super::{AssetRow, History, assets, events};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    /// Its credits are held; nothing was sent.
    Reserved,
    /// The provider is being asked; whether it was, a crash leaves open.
    Submitting,
    /// The provider took it, and its id for it is stored.
    Submitted,
    /// The provider is making it.
    Running,
    /// It is made, and on its way here.
    Downloading,
    /// It is kept here.
    Succeeded,
    /// It will not be made.
    Failed,
    /// The provider declined it.
    Blocked,
    /// The provider has lost it.
    Expired,
    /// Nobody knows what became of it.
    Unknown,
}

impl JobState {
    const ALL: [Self; 10] = [
        Self::Reserved,
        Self::Submitting,
        Self::Submitted,
        Self::Running,
        Self::Downloading,
        Self::Succeeded,
        Self::Failed,
        Self::Blocked,
        Self::Expired,
        Self::Unknown,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Submitting => "submitting",
            Self::Submitted => "submitted",
            Self::Running => "running",
            Self::Downloading => "downloading",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobRow {
    pub(crate) turn: TurnId,
    pub(crate) state: JobState,
    /// The provider's id for it.
    pub(crate) provider_job: Option<String>,
    pub(crate) submitted_at: Option<UtcMillis>,
    pub(crate) unknown_since: Option<UtcMillis>,
    /// The person stopped it; it goes on unseen.
    pub(crate) stopped: bool,
    /// What the provider said when it was made.
    pub(crate) answer: Option<JobAnswer>,
}

/// What came of a clip that the provider made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobAnswer {
    /// Where it is, where that is an address.
    pub(crate) link: Option<String>,
    /// How the turn ends once it is here.
    pub(crate) closing: Closing,
    /// How the turn ends if it never comes.
    pub(crate) lost: Closing,
}

impl JobRow {
    /// The job of a turn that was just taken in.
    pub(crate) const fn reserved(turn: TurnId) -> Self {
        Self {
            turn,
            state: JobState::Reserved,
            provider_job: None,
            submitted_at: None,
            unknown_since: None,
            stopped: false,
            answer: None,
        }
    }
}

impl History {
    /// Stores where a job stands, with the events that say so and what it made, all or nothing.
    pub(crate) async fn move_job(
        &self,
        job: JobRow,
        frames: Vec<Arc<EventFrame>>,
        made: Vec<AssetRow>,
        now: UtcMillis,
    ) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            put(connection, &job)?;
            for asset in &made {
                assets::insert(connection, asset, now)?;
            }
            events::append(connection, &frames)?;
            let revision = next_revision(connection)?;
            connection
                .prepare_cached("UPDATE turn SET revision = ?2 WHERE id = ?1 AND revision > 0")?
                .execute(params![bytes_of(job.turn.uuid()), revision])?;
            u64::try_from(revision).map_err(|_| HistoryError::damaged("a revision is below zero"))
        });
        let revision = write.await?;
        self.moved_to(revision);
        Ok(())
    }

    /// Notes that the person stopped a job that nobody sees through just now. Whether there is one.
    pub(crate) async fn stop_job(&self, turn: TurnId) -> Result<bool, HistoryError> {
        let write = self.database.write(move |connection| {
            let mut stop = connection.prepare_cached(
                "UPDATE job SET stopped = 1
                 WHERE turn = (SELECT id FROM turn WHERE id = ?1 AND ended = 0)",
            )?;
            Ok(stop.execute(params![bytes_of(turn.uuid())])? > 0)
        });
        write.await
    }

    /// The job of a turn.
    pub(crate) async fn job(&self, turn: TurnId) -> Result<Option<JobRow>, HistoryError> {
        self.database
            .read(move |connection| find(connection, turn))
            .await
    }
}

/// Stores a job, whether or not it was there.
pub(super) fn put(connection: &Connection, job: &JobRow) -> Result<(), HistoryError> {
    connection
        .prepare_cached(
            "INSERT INTO job(turn, state, provider_job, submitted_at, unknown_since, stopped, answer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT(turn) DO UPDATE SET state = excluded.state,
               provider_job = excluded.provider_job, submitted_at = excluded.submitted_at,
               unknown_since = excluded.unknown_since, stopped = excluded.stopped,
               answer = excluded.answer",
        )?
        .execute(params![
            bytes_of(job.turn.uuid()),
            job.state.as_str(),
            job.provider_job,
            job.submitted_at.map(UtcMillis::millis),
            job.unknown_since.map(UtcMillis::millis),
            job.stopped,
            job.answer.as_ref().map(json).transpose()?,
        ])?;
    Ok(())
}

/// Says of a job that it is over, with the closing of its turn.
pub(super) fn end(
    connection: &Connection,
    turn: TurnId,
    state: JobState,
) -> Result<(), HistoryError> {
    connection
        .prepare_cached("UPDATE job SET state = ?2 WHERE turn = ?1")?
        .execute(params![bytes_of(turn.uuid()), state.as_str()])?;
    Ok(())
}

fn find(connection: &Connection, turn: TurnId) -> Result<Option<JobRow>, HistoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM job WHERE turn = ?1")?;
    let mut rows =
        statement.query_and_then(params![bytes_of(turn.uuid())], |row| job(turn, row))?;
    rows.next().transpose()
}

fn job(turn: TurnId, row: &Row<'_>) -> Result<JobRow, HistoryError> {
    let state: String = row.get("state")?;
    let state = JobState::ALL
        .into_iter()
        .find(|known| known.as_str() == state)
        .ok_or_else(|| HistoryError::damaged(format!("a job has the unknown state {state}")))?;
    let instant = |column: &str| -> Result<Option<UtcMillis>, HistoryError> {
        Ok(row
            .get::<_, Option<i64>>(column)?
            .map(UtcMillis::from_millis))
    };
    let answer: Option<String> = row.get("answer")?;
    Ok(JobRow {
        turn,
        state,
        provider_job: row.get("provider_job")?,
        submitted_at: instant("submitted_at")?,
        unknown_since: instant("unknown_since")?,
        stopped: row.get("stopped")?,
        answer: answer.as_deref().map(from_json).transpose()?,
    })
}
