//! What limits a hold besides its pool: the member's own limit, and the envelopes around it.

use anyai_units::Credits;

use crate::amount::{add, subtract};
use crate::books::Books;
use crate::{EnvelopeShare, HoldRequest, Refusal, Rows};

/// The limits around one hold, each with what is left of it.
pub(crate) struct Limits {
    member: Option<Refused>,
    envelopes: Vec<(EnvelopeShare, Refused)>,
}

/// A refusal that waits for its amounts, and what is left.
struct Refused {
    left: Credits,
    refusal: Refusal,
}

impl Limits {
    /// Reads the limits around the request.
    pub(crate) fn of<R: Rows>(
        rows: &mut R,
        books: &Books,
        request: &HoldRequest,
    ) -> Result<Self, R::Error> {
        Ok(Self {
            member: of_member(rows, books, request)?,
            envelopes: of_envelopes(rows, books, request)?,
        })
    }

    /// Refuses a ceiling that does not fit the first limit it meets.
    pub(crate) fn check(self, ceiling: Credits) -> Result<Vec<EnvelopeShare>, Refusal> {
        if let Some(limit) = self.all().find(|limit| ceiling > limit.left) {
            return Err(limit.refusal.clone());
        }
        Ok(self.envelopes.into_iter().map(|(share, _)| share).collect())
    }

    fn all(&self) -> impl Iterator<Item = &Refused> {
        let envelopes = self.envelopes.iter().map(|(_, limit)| limit);
        self.member.iter().chain(envelopes)
    }
}

fn of_member<R: Rows>(
    rows: &mut R,
    books: &Books,
    request: &HoldRequest,
) -> Result<Option<Refused>, R::Error> {
    let (pool, member) = (request.pool, request.member);
    let Some(row) = rows.member(pool, member)? else {
        return Ok(None);
    };
    if row.is_removed {
        return Err(Refusal::MemberRemoved { member }.into());
    }
    let Some(limit) = row.limit else {
        return Ok(None);
    };
    let period = books.period.bounds;
    let taken = match rows.member_use(pool, member, period.no)? {
        Some(used) => add(used.posted, used.pending)?,
        None => Credits::ZERO,
    };
    let left = left_of(limit, taken)?;
    let refusal = Refusal::MemberLimit {
        member,
        needed: request.ceiling,
        available: left,
        resets_at: period.ends_at,
    };
    Ok(Some(Refused { left, refusal }))
}

fn of_envelopes<R: Rows>(
    rows: &mut R,
    books: &Books,
    request: &HoldRequest,
) -> Result<Vec<(EnvelopeShare, Refused)>, R::Error> {
    let period = books.period.bounds;
    let mut found = Vec::new();
    for envelope in rows.envelopes(request.pool)? {
        if !envelope.covers(request.member, request.conversation, request.kind) {
            continue;
        }
        let window = envelope.scope.window(period.no, books.at);
        let taken = match rows.envelope_use(request.pool, envelope.no, window)? {
            Some(used) => add(used.posted, used.pending)?,
            None => Credits::ZERO,
        };
        let left = left_of(envelope.cap, taken)?;
        let refusal = Refusal::EnvelopeFull {
            envelope: envelope.no,
            needed: request.ceiling,
            available: left,
            resets_at: envelope.scope.resets_at(window, period.ends_at),
        };
        let share = EnvelopeShare {
            envelope: envelope.no,
            window,
        };
        found.push((share, Refused { left, refusal }));
    }
    Ok(found)
}

/// A limit may be set below what is taken already: then nothing is left.
fn left_of(limit: Credits, taken: Credits) -> Result<Credits, Refusal> {
    Ok(subtract(limit, taken)?.max(Credits::ZERO))
}
