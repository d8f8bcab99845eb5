//! What limits a hold: the pool, the member's own limit, and the envelopes around it.

use anyai_units::{ConversationId, Credits, MemberId, PoolId, UtcMillis};

use crate::amount::{add, subtract};
use crate::books::Books;
use crate::{EnvelopeShare, HoldRequest, Refusal, Rows, WorkKind};

/// A hold somebody may want to place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomQuery {
    /// The pool that would pay.
    pub pool: PoolId,
    /// Who would spend.
    pub member: MemberId,
    /// The conversation it would belong to.
    pub conversation: Option<ConversationId>,
    /// What kind of work.
    pub kind: WorkKind,
}

/// How much a hold could take, and why not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The largest ceiling that would be accepted.
    pub left: Credits,
    /// What binds: of several equal ones the first of pool, member, envelopes.
    pub bound: Bound,
    /// When the limit that binds begins anew; `None` for not by itself.
    pub resets_at: Option<UtcMillis>,
}

/// What keeps a hold from being larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// What the pool has.
    Pool,
    /// The member's own limit.
    Member,
    /// The envelope with this number.
    Envelope(u64),
    /// The pool is frozen: nothing is accepted.
    Frozen,
    /// The member was taken out of the pool: nothing is accepted.
    Removed,
}

/// What a hold of this query could take at `now`, and which limit binds. It changes nothing.
///
/// # Errors
/// Refused when there is no such pool.
pub fn room<R: Rows + ?Sized>(
    rows: &mut R,
    query: &RoomQuery,
    now: UtcMillis,
) -> Result<Room, R::Error> {
    let books = Books::open(rows, query.pool, now)?;
    let limits = Limits::around(rows, &books, query)?;
    let least = limits.rooms.iter().map(|(room, _)| *room);
    let least = least.min_by_key(|room| room.left);
    Ok(match (limits.closed, least) {
        (Some(bound), _) => Room {
            left: Credits::ZERO,
            bound,
            resets_at: None,
        },
        (None, Some(room)) => room,
        (None, None) => return Err(books.disagree().into()),
    })
}

/// The limits around one hold, in the order in which they are asked.
pub(crate) struct Limits {
    /// Frozen or removed, when nothing at all is accepted.
    closed: Option<Bound>,
    period_ends_at: UtcMillis,
    rooms: Vec<(Room, Option<EnvelopeShare>)>,
}

impl Limits {
    /// Reads the limits around the query.
    pub(crate) fn around<R: Rows + ?Sized>(
        rows: &mut R,
        books: &Books,
        query: &RoomQuery,
    ) -> Result<Self, R::Error> {
        let ends_at = books.period.bounds.ends_at;
        let pool = Room {
            left: books.available()?,
            bound: Bound::Pool,
            resets_at: Some(ends_at),
        };
        let mut limits = Self {
            closed: books.pool.frozen.then_some(Bound::Frozen),
            period_ends_at: ends_at,
            rooms: vec![(pool, None)],
        };
        limits.add_member(rows, books, query)?;
        limits.add_envelopes(rows, books, query)?;
        Ok(limits)
    }

    /// The envelopes the hold counts in, if its ceiling fits every limit.
    pub(crate) fn check(self, request: &HoldRequest) -> Result<Vec<EnvelopeShare>, Refusal> {
        match self.closed {
            Some(Bound::Frozen) => return Err(Refusal::Frozen { pool: request.pool }),
            Some(_) => {
                let member = request.member;
                return Err(Refusal::MemberRemoved { member });
            }
            None => {}
        }
        let exceeded = self
            .rooms
            .iter()
            .find(|(room, _)| request.ceiling > room.left);
        if let Some((room, _)) = exceeded {
            return Err(room.refusal(request, self.period_ends_at));
        }
        Ok(self.rooms.iter().filter_map(|(_, share)| *share).collect())
    }

    fn add_member<R: Rows + ?Sized>(
        &mut self,
        rows: &mut R,
        books: &Books,
        query: &RoomQuery,
    ) -> Result<(), R::Error> {
        let Some(row) = rows.member(query.pool, query.member)? else {
            return Ok(());
        };
        if row.is_removed {
            self.closed = self.closed.or(Some(Bound::Removed));
        }
        let Some(limit) = row.limit else {
            return Ok(());
        };
        let period = books.period.bounds;
        let taken = match rows.member_use(query.pool, query.member, period.no)? {
            Some(used) => add(used.posted, used.pending)?,
            None => Credits::ZERO,
        };
        let room = Room {
            left: left_of(limit, taken)?,
            bound: Bound::Member,
            resets_at: Some(period.ends_at),
        };
        self.rooms.push((room, None));
        Ok(())
    }

    fn add_envelopes<R: Rows + ?Sized>(
        &mut self,
        rows: &mut R,
        books: &Books,
        query: &RoomQuery,
    ) -> Result<(), R::Error> {
        let period = books.period.bounds;
        for envelope in rows.envelopes(query.pool)? {
            if !envelope.covers(query.member, query.conversation, query.kind) {
                continue;
            }
            let no = envelope.no;
            let window = envelope.scope.window(period.no, books.at);
            let taken = match rows.envelope_use(query.pool, no, window)? {
                Some(used) => add(used.posted, used.pending)?,
                None => Credits::ZERO,
            };
            let room = Room {
                left: left_of(envelope.cap, taken)?,
                bound: Bound::Envelope(no),
                resets_at: envelope.scope.resets_at(window, period.ends_at),
            };
            let share = EnvelopeShare {
                envelope: no,
                window,
            };
            self.rooms.push((room, Some(share)));
        }
        Ok(())
    }
}

impl Room {
    /// Why this limit refuses the request.
    fn refusal(&self, request: &HoldRequest, period_ends_at: UtcMillis) -> Refusal {
        let (needed, available) = (request.ceiling, self.left);
        match self.bound {
            Bound::Envelope(envelope) => Refusal::EnvelopeFull {
                envelope,
                needed,
                available,
                resets_at: self.resets_at,
            },
            Bound::Member => Refusal::MemberLimit {
                member: request.member,
                needed,
                available,
                resets_at: period_ends_at,
            },
            _ => Refusal::InsufficientCredits {
                needed,
                available,
                resets_at: period_ends_at,
            },
        }
    }
}

/// A limit may be set below what is taken already: then nothing is left.
fn left_of(limit: Credits, taken: Credits) -> Result<Credits, Refusal> {
    Ok(subtract(limit, taken)?.max(Credits::ZERO))
}
