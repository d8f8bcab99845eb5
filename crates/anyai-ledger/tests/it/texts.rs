//! The forms that are stored and hashed: each reads back as what it was, and nothing else does.

use std::fmt::Debug;

use anyai_ledger::{CostBasis, EntryKind, GrantKind, HoldState, WorkKind};

#[track_caller]
fn assert_read_back<T: Copy + Debug + PartialEq>(
    all: &[(T, &str)],
    write: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) {
    for (value, text) in all {
        assert_eq!(write(*value), *text);
        assert_eq!(parse(text), Some(*value));
        assert_eq!(parse(&text.to_uppercase()), None);
    }
    assert_eq!(parse(""), None);
}

#[test]
fn every_stored_form_reads_back() {
    use {CostBasis as Basis, GrantKind as Grant, HoldState as State, WorkKind as Work};
    assert_read_back(
        &[
            (Grant::Plan, "plan"),
            (Grant::Promo, "promo"),
            (Grant::TopUp, "topup"),
            (Grant::Admin, "admin"),
            (Grant::Refund, "refund"),
        ],
        Grant::as_str,
        Grant::parse,
    );
    assert_read_back(
        &[
            (Work::Chat, "chat"),
            (Work::Image, "image"),
            (Work::Video, "video"),
        ],
        Work::as_str,
        Work::parse,
    );
    assert_read_back(
        &[
            (State::Held, "held"),
            (State::Dispatched, "dispatched"),
            (State::Unknown, "unknown"),
            (State::Settled, "settled"),
            (State::Voided, "voided"),
        ],
        State::as_str,
        State::parse,
    );
    assert_read_back(
        &[(Basis::Reported, "reported"), (Basis::Counted, "counted")],
        Basis::as_str,
        Basis::parse,
    );
}

#[test]
fn every_kind_of_entry_reads_back() {
    use EntryKind as Kind;
    let kinds = [
        (Kind::Grant, "grant"),
        (Kind::Refund, "refund"),
        (Kind::Revoke, "revoke"),
        (Kind::Expire, "expire"),
        (Kind::Carry, "carry"),
        (Kind::Hold, "hold"),
        (Kind::Settle, "settle"),
        (Kind::Release, "release"),
        (Kind::Void, "void"),
        (Kind::Overrun, "overrun"),
        (Kind::Freeze, "freeze"),
        (Kind::Thaw, "thaw"),
        (Kind::Plan, "plan"),
        (Kind::Order, "order"),
        (Kind::Member, "member"),
        (Kind::Envelope, "envelope"),
    ];
    assert_read_back(&kinds, Kind::as_str, |text| text.parse().ok());
    for (kind, text) in kinds {
        assert_eq!(kind.to_string(), text);
    }
}
