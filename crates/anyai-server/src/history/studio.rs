//! Who this studio is, and who may come in.

use anyai_units::{MemberId, PoolId, UtcMillis};
use rusqlite::params;

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, count, instant, uuid};

/// Who this studio is: minted when the history is made, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StudioIdentity {
    /// The pool its turns are paid from.
    pub(crate) pool: PoolId,
    /// The member the owner is.
    pub(crate) owner: MemberId,
    /// Names this life of the history.
    pub(crate) epoch: String,
    /// The instant the pool's months are counted from.
    pub(crate) anchor: UtcMillis,
}

/// A token, as its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenRow {
    /// SHA-256 of the token.
    pub(crate) sha256: [u8; 32],
    /// Who comes in with it.
    pub(crate) member: MemberId,
    /// Whether it may set keys and the plan.
    pub(crate) owner: bool,
    /// When it was minted.
    pub(crate) created_at: UtcMillis,
}

impl History {
    /// The identity that is stored, or `fresh` from now on.
    pub(crate) async fn identity(
        &self,
        fresh: StudioIdentity,
    ) -> Result<StudioIdentity, HistoryError> {
        let (identity, revision) = self
            .database
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO studio(only, pool, owner, epoch, anchor, revision)
                     VALUES (1, ?1, ?2, ?3, ?4, 0) ON CONFLICT DO NOTHING",
                    params![
                        bytes_of(fresh.pool.uuid()),
                        bytes_of(fresh.owner.uuid()),
                        fresh.epoch,
                        fresh.anchor.millis()
                    ],
                )?;
                connection.query_row_and_then("SELECT * FROM studio", [], |row| {
                    let identity = StudioIdentity {
                        pool: PoolId::from_uuid(uuid(row, "pool")?),
                        owner: MemberId::from_uuid(uuid(row, "owner")?),
                        epoch: row.get("epoch")?,
                        anchor: instant(row, "anchor")?,
                    };
                    Ok::<_, HistoryError>((identity, count(row, "revision")?))
                })
            })
            .await?;
        self.moved_to(revision);
        Ok(identity)
    }

    /// Writes what is there once more: whether the history can be written.
    pub(crate) async fn rewrite(&self) -> Result<(), HistoryError> {
        let write = self.database.write(|connection| {
            connection.execute("UPDATE studio SET revision = revision", [])?;
            Ok(())
        });
        write.await
    }

    /// Every token.
    pub(crate) async fn tokens(&self) -> Result<Vec<TokenRow>, HistoryError> {
        let read = self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT * FROM token ORDER BY created_at")?;
            let rows = statement.query_and_then([], |row| {
                Ok(TokenRow {
                    sha256: row.get("sha256")?,
                    member: MemberId::from_uuid(uuid(row, "member")?),
                    owner: row.get("owner")?,
                    created_at: instant(row, "created_at")?,
                })
            })?;
            rows.collect()
        });
        read.await
    }

    /// Lets a member in no more.
    pub(crate) async fn forget_tokens(&self, member: MemberId) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            let member = bytes_of(member.uuid());
            connection.execute("DELETE FROM token WHERE member = ?1", [member])?;
            Ok(())
        });
        write.await
    }

    /// Lets the holder of a token in.
    pub(crate) async fn add_token(&self, token: TokenRow) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            connection.execute(
                "INSERT INTO token(sha256, member, owner, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![
                    token.sha256,
                    bytes_of(token.member.uuid()),
                    token.owner,
                    token.created_at.millis()
                ],
            )?;
            Ok(())
        });
        write.await
    }
}
