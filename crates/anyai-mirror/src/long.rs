//! Long conversations in parts: the end of a path, which is all that is seen first, and then the rest
//! a page at a time.

use anyai_units::{ConversationId, TurnId};
use rusqlite::params;

use crate::error::MirrorError;
use crate::open::Mirror;
use crate::rows::{self, TurnRow};

/// The last turns of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathEnd {
    /// The turns, the older first.
    pub turns: Vec<TurnRow>,
    /// How many turns of the path stand before them.
    pub before: u32,
}

impl Mirror {
    /// At most `limit` turns of the path that ends at `leaf`.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn path_end(&self, leaf: TurnId, limit: u32) -> Result<PathEnd, MirrorError> {
        let mut turns: Vec<TurnRow> = Vec::new();
        let mut next = Some(leaf);
        for _ in 0..limit {
            let Some(id) = next else { break };
            let Some(turn) = self.turn(id)? else { break };
            next = turn.parent_id;
            turns.push(turn);
        }
        turns.reverse();
        let before = next.map_or(Ok(0), |id| self.path_length(id))?;
        Ok(PathEnd { turns, before })
    }

    /// The end of the newest path of a conversation.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn newest_turn(&self, id: ConversationId) -> Result<Option<TurnId>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM turn WHERE conversation_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 1",
        )?;
        let mut found = statement.query_map([id.to_string()], rows::turn)?;
        Ok(found.next().transpose()?.map(|turn| turn.id))
    }

    /// Turns of a conversation, all branches, the older first, from the one behind `after` on.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn turns_after(
        &self,
        conversation_id: ConversationId,
        after: Option<TurnId>,
        limit: u32,
    ) -> Result<Vec<TurnRow>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM turn WHERE conversation_id = ?1
             AND (?2 IS NULL OR (created_at, id) > (SELECT created_at, id FROM turn WHERE id = ?2))
             ORDER BY created_at, id LIMIT ?3",
        )?;
        let after = after.map(|id| id.to_string());
        let found = statement.query_map(
            params![conversation_id.to_string(), after, limit],
            rows::turn,
        )?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// `UNION` forgets what it has seen: a damaged copy could name a turn as its own ancestor.
    fn path_length(&self, leaf: TurnId) -> Result<u32, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "WITH RECURSIVE up(id, parent_id) AS (
                 SELECT id, parent_id FROM turn WHERE id = ?1
                 UNION SELECT t.id, t.parent_id FROM turn t JOIN up ON t.id = up.parent_id
             )
             SELECT count(*) FROM up",
        )?;
        Ok(statement.query_row([leaf.to_string()], |row| row.get(0))?)
    }
}
