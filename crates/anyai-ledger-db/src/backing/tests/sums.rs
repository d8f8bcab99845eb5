//! What is counted together: a period, a grant, a member, an envelope.

use super::changes::{of_envelope, of_grant, of_member, of_period, unasked};
use super::{Shelf, Unguarded};

pub(crate) fn the_cap_is_in_the_update<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
    for changes in [
        of_period(0, 0, 0, 60_001, 0),
        of_period(0, 0, 60_001, 0, 0),
        of_period(0, 0, 0, 0, 60_001),
        of_period(0, -60_001, 0, 0, 0),
        of_period(0, 0, 60_000, 1, 0),
        of_period(1, 0, 0, 0, 0),
    ] {
        file.refuses(&changes, "posted + pending + expired <= granted");
    }
    file.accepts(&of_period(0, 0, 0, 60_000, 0));
    file.refuses(
        &of_period(0, 0, 0, 1, 0),
        "posted + pending + expired <= granted",
    );
    file.accepts(&of_period(0, 1, 0, 1, 0));
}

pub(crate) fn a_grants_limit_is_in_the_update<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
    for changes in [
        of_grant(1, 60_001, 0, 0, 0),
        of_grant(1, 0, 60_001, 0, 0),
        of_grant(1, 0, 0, 60_001, 0),
        of_grant(1, 0, 0, 0, 60_001),
        of_grant(2, 0, 0, 0, 0),
    ] {
        file.refuses(&changes, "used + held + revoked + expired <= amount");
    }
    file.accepts(&of_grant(1, 40_000, -40_000, 60_000, 0));
    file.refuses(
        &of_grant(1, 0, 0, 0, 1),
        "used + held + revoked + expired <= amount",
    );
}

pub(crate) fn a_members_limit_is_in_the_update<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.accepts(&of_member(0, 0, 10_000));
    file.limit(Some(60_000), false);
    file.refuses(&of_member(0, 0, 10_001), guard);
    file.refuses(&of_member(0, 10_000, 1), guard);
    file.accepts(&of_member(0, 5_000, 5_000));
    file.limit(Some(1), false);
    file.refuses(&of_member(0, 0, 1), guard);
    // A batch that charges one hold and takes another holds no more, and uses more all the same.
    file.refuses(&of_member(0, 1, 0), guard);
    file.accepts(&of_member(0, 55_000, -55_000));
    // What was given back and is taken back asks nobody, and makes no room for what asks.
    file.accepts(&unasked(of_member(0, 10, 0), 10));
    file.refuses(&unasked(of_member(0, 10, 1), 10), guard);
    file.refuses(&unasked(of_member(0, 11, 0), 10), guard);
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
    file.limit(Some(100_000), false);
    file.accepts(&unasked(of_member(0, 90_000, 10_000), 90_000));
}

/// The first hold of a month makes the row: the limit holds there too.
pub(crate) fn a_members_limit_is_in_the_insert<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.limit(Some(60_000), false);
    file.refuses(&of_member(1, 0, 60_001), guard);
    file.refuses(&of_member(1, 60_000, 1), guard);
    file.accepts(&of_member(1, 0, 60_000));
    file.limit(None, false);
    file.accepts(&of_member(2, 0, 60_001));
}

pub(crate) fn nothing_is_held_for_a_removed_member<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.limit(None, true);
    file.refuses(&of_member(0, 0, 1), guard);
    file.refuses(&of_member(1, 0, 1), guard);
    file.accepts(&of_member(0, 40_000, -40_000));
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
}

pub(crate) fn an_envelopes_cap_is_in_the_update_and_in_the_insert<S: Shelf>() {
    let guard = "an envelope's posted + pending <= cap";
    let mut file = Unguarded::<S>::new();
    file.refuses(&of_envelope(1, 0, 1), guard);
    file.cap(50_000);
    file.refuses(&of_envelope(1, 0, 50_001), guard);
    file.refuses(&of_envelope(1, 50_000, 1), guard);
    file.accepts(&of_envelope(1, 0, 20_000));
    file.refuses(&of_envelope(1, 0, 30_001), guard);
    file.refuses(&of_envelope(1, 30_000, 1), guard);
    file.accepts(&of_envelope(1, 0, 30_000));
    file.cap(1);
    file.refuses(&of_envelope(1, 0, 1), guard);
    file.refuses(&of_envelope(1, 1, 0), guard);
    file.accepts(&of_envelope(1, 50_000, -50_000));
    file.accepts(&unasked(of_envelope(1, 10, 0), 10));
    file.refuses(&unasked(of_envelope(1, 10, 1), 10), guard);
    file.refuses(&unasked(of_envelope(1, 11, 0), 10), guard);
    file.refuses(&of_envelope(2, 0, 1), guard);
}
