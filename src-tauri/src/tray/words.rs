//! What the tray says: the number beside the icon and the lines of its menu.

use anyai_wire::{Balance, Connection, Door, Phase};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The tray's words for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The label beside the icon.
    pub(super) title: String,
    /// The menu's first lines; they only inform.
    pub(super) lines: Vec<String>,
}

/// The words for a balance, as of the phase the app is in.
pub(super) fn words(balance: Option<&Balance>, phase: &Phase, zone: &TimeZone) -> Words {
    let Some(balance) = balance else {
        return Words {
            title: "–".to_owned(),
            lines: vec!["No studio is open".to_owned()],
        };
    };
    let mut lines = vec![
        format!(
            "{} of {} left",
            whole_or_tenths(balance.available.millicredits()),
            whole_or_tenths(balance.granted.millicredits())
        ),
        format!(
            "{} held, {} spent",
            tenths(balance.pending.millicredits()),
            tenths(balance.posted.millicredits())
        ),
        format!("Resets {}", day(balance.resets_at.millis(), zone)),
    ];
    if let Phase::Ready { door, connection } = phase {
        if matches!(door, Door::Simulated) {
            lines.push("Practice credits, simulated providers".to_owned());
        }
        if matches!(connection, Connection::Offline { .. }) {
            lines.push(format!("As of {}", clock(balance.as_of.millis(), zone)));
        }
    }
    Words {
        title: whole_or_tenths(balance.available.millicredits()),
        lines,
    }
}

/// What remains, rounded down: whole from 10 credits up, tenths below.
fn whole_or_tenths(millicredits: i64) -> String {
    if millicredits >= 10_000 {
        return grouped(millicredits / 1_000);
    }
    tenths(millicredits)
}

/// Tenths of a credit, rounded down; `0` is `0`.
fn tenths(millicredits: i64) -> String {
    let (whole, tenth) = (millicredits / 1_000, millicredits % 1_000 / 100);
    match (whole, tenth) {
        (0, 0) if millicredits > 0 => "under 0.1".to_owned(),
        (whole, 0) => grouped(whole),
        (whole, tenth) => format!("{}.{tenth}", grouped(whole)),
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn day(millis: i64, zone: &TimeZone) -> String {
    local(millis, zone, "%-d %B")
}

fn clock(millis: i64, zone: &TimeZone) -> String {
    local(millis, zone, "%H:%M")
}

fn local(millis: i64, zone: &TimeZone, format: &str) -> String {
    Timestamp::from_millisecond(millis).map_or_else(
        |_| "later".to_owned(),
        |instant| instant.to_zoned(zone.clone()).strftime(format).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use anyai_wire::{Code, WireError};

    use super::*;

    fn balance(granted: i64, posted: i64, pending: i64) -> Balance {
        serde_json::from_value(serde_json::json!({
            "plan_id": "pro", "granted": granted, "posted": posted, "pending": pending,
            "available": granted - posted - pending, "period_starts_at": 1_793_491_200_000_i64,
            "resets_at": 1_796_083_200_000_i64, "sequence": 7, "as_of": 1_795_363_320_000_i64,
        }))
        .unwrap()
    }

    fn ready(connection: Connection) -> Phase {
        Phase::Ready {
            door: Door::OwnKeys,
            connection,
        }
    }

    #[test]
    fn says_what_is_left_held_and_spent() {
        let words = words(
            Some(&balance(2_000_000, 669_000, 88_000)),
            &ready(Connection::Online),
            &TimeZone::UTC,
        );
        assert_eq!(words.title, "1,243");
        assert_eq!(
            words.lines,
            [
                "1,243 of 2,000 left",
                "88 held, 669 spent",
                "Resets 1 December"
            ]
        );
    }

    #[test]
    fn rounds_what_is_left_down_and_shows_tenths_below_ten() {
        let title = |available| {
            words(
                Some(&balance(available, 0, 0)),
                &ready(Connection::Online),
                &TimeZone::UTC,
            )
            .title
        };
        assert_eq!(title(9_999), "9.9");
        assert_eq!(title(10_999), "10");
        assert_eq!(title(40), "under 0.1");
        assert_eq!(title(0), "0");
        assert_eq!(title(1_234_567_890), "1,234,567");
    }

    #[test]
    fn offline_carries_its_stamp() {
        let offline = Connection::Offline {
            since: None,
            error: WireError::new(Code::ServerUnreachable, "gone"),
        };
        let words = words(
            Some(&balance(100_000, 0, 0)),
            &ready(offline),
            &TimeZone::UTC,
        );
        assert_eq!(words.lines.last().map(String::as_str), Some("As of 16:02"));
    }
}
