//! Changes of one row each.

use anyai_ledger::{
    Changes, EnvelopeMove, GrantMove, HoldChange, HoldRecord, HoldState, MemberMove, PeriodMove,
    PoolChange, PoolState,
};

use super::{WINDOW, mc, member, pool};

pub(super) fn of_period(no: u32, granted: i64, posted: i64, pending: i64, expired: i64) -> Changes {
    Changes {
        period_moves: vec![PeriodMove {
            pool: pool(),
            no,
            granted: mc(granted),
            posted: mc(posted),
            pending: mc(pending),
            expired: mc(expired),
        }],
        ..Changes::default()
    }
}

pub(super) fn of_grant(no: u64, used: i64, held: i64, revoked: i64, expired: i64) -> Changes {
    Changes {
        grant_moves: vec![GrantMove {
            pool: pool(),
            no,
            used: mc(used),
            held: mc(held),
            revoked: mc(revoked),
            expired: mc(expired),
        }],
        ..Changes::default()
    }
}

pub(super) fn of_member(period: u32, posted: i64, pending: i64) -> Changes {
    Changes {
        member_moves: vec![MemberMove {
            pool: pool(),
            member: member(),
            period,
            posted: mc(posted),
            pending: mc(pending),
            unasked: mc(0),
        }],
        ..Changes::default()
    }
}

pub(super) fn of_envelope(envelope: u64, posted: i64, pending: i64) -> Changes {
    Changes {
        envelope_moves: vec![EnvelopeMove {
            pool: pool(),
            envelope,
            window: WINDOW,
            posted: mc(posted),
            pending: mc(pending),
            unasked: mc(0),
        }],
        ..Changes::default()
    }
}

/// The same, of which so much was given back once or spent before.
pub(super) fn unasked(mut changes: Changes, millicredits: i64) -> Changes {
    let members = changes.member_moves.iter_mut();
    let members = members.map(|change| &mut change.unasked);
    let envelopes = changes.envelope_moves.iter_mut();
    let envelopes = envelopes.map(|change| &mut change.unasked);
    members
        .chain(envelopes)
        .for_each(|sum| *sum = mc(millicredits));
    changes
}

pub(super) fn of_hold(from: HoldState, to: HoldRecord) -> Changes {
    Changes {
        moved_holds: vec![HoldChange { from, to }],
        ..Changes::default()
    }
}

pub(super) fn of_pool(from_seq: u64, to: PoolState) -> Changes {
    Changes {
        pools: vec![PoolChange {
            from_seq: Some(from_seq),
            to,
        }],
        ..Changes::default()
    }
}
