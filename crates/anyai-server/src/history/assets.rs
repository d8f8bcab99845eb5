//! Particulars of stored pictures; their bytes are files named by their hash.

use anyai_units::{AssetId, UtcMillis};
use anyai_wire::Attachment;
use rusqlite::{Connection, Row, params};

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, count, stored, uuid};

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssetRow {
    /// SHA-256 of the bytes.
    pub(crate) sha256: [u8; 32],
    /// What the wire says of it.
    pub(crate) attachment: Attachment,
}

impl History {
    /// Stores a picture's particulars, or finds those its id already has.
    pub(crate) async fn put_asset(
        &self,
        asset: AssetRow,
        now: UtcMillis,
    ) -> Result<AssetRow, HistoryError> {
        let write = self.database.write(move |connection| {
            let attachment = &asset.attachment;
            connection.execute(
                "INSERT INTO asset(id, sha256, mime, width, height, bytes, name, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                params![
                    bytes_of(attachment.asset_id.uuid()),
                    asset.sha256,
                    attachment.mime,
                    attachment.width,
                    attachment.height,
                    stored(attachment.bytes),
                    attachment.name,
                    now.millis()
                ],
            )?;
            let found = find(connection, attachment.asset_id)?;
            found.ok_or_else(|| HistoryError::damaged("a stored picture is not found"))
        });
        write.await
    }

    /// The picture with this id.
    pub(crate) async fn asset(&self, id: AssetId) -> Result<Option<AssetRow>, HistoryError> {
        self.database
            .read(move |connection| find(connection, id))
            .await
    }
}

fn find(connection: &Connection, id: AssetId) -> Result<Option<AssetRow>, HistoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM asset WHERE id = ?1")?;
    let mut rows = statement.query_and_then(params![bytes_of(id.uuid())], asset)?;
    rows.next().transpose()
}

fn asset(row: &Row<'_>) -> Result<AssetRow, HistoryError> {
    Ok(AssetRow {
        sha256: row.get("sha256")?,
        attachment: Attachment {
            asset_id: AssetId::from_uuid(uuid(row, "id")?),
            mime: row.get("mime")?,
            width: row.get("width")?,
            height: row.get("height")?,
            duration_ms: None,
            bytes: count(row, "bytes")?,
            name: row.get("name")?,
        },
    })
}
