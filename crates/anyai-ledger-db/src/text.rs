//! Small lists and scopes as the text both databases store.

use anyai_ledger::{Allocation, EnvelopeScope, EnvelopeShare, WorkKind};
use anyai_units::Credits;

/// `grant:amount:used`, separated by `;`.
pub(crate) fn allocations(parts: &[Allocation]) -> String {
    joined(parts.iter().map(|part| {
        let (amount, used) = (part.amount.millicredits(), part.used.millicredits());
        format!("{}:{amount}:{used}", part.grant)
    }))
}

/// `envelope:window`, separated by `;`.
pub(crate) fn shares(parts: &[EnvelopeShare]) -> String {
    joined(
        parts
            .iter()
            .map(|part| format!("{}:{}", part.envelope, part.window)),
    )
}

/// `day:60`, `conversation:ID` or `modality:image`.
pub(crate) fn scope(scope: EnvelopeScope) -> String {
    match scope {
        EnvelopeScope::Day { utc_offset_minutes } => format!("day:{utc_offset_minutes}"),
        EnvelopeScope::Conversation(conversation) => format!("conversation:{conversation}"),
        EnvelopeScope::Modality(kind) => format!("modality:{}", kind.as_str()),
    }
}

pub(crate) fn parse_allocations(text: &str) -> Option<Vec<Allocation>> {
    list(text, |part| {
        let mut fields = part.split(':');
        let allocation = Allocation {
            grant: fields.next()?.parse().ok()?,
            amount: Credits::from_millicredits(fields.next()?.parse().ok()?),
            used: Credits::from_millicredits(fields.next()?.parse().ok()?),
        };
        fields.next().is_none().then_some(allocation)
    })
}

pub(crate) fn parse_shares(text: &str) -> Option<Vec<EnvelopeShare>> {
    list(text, |part| {
        let (envelope, window) = part.split_once(':')?;
        Some(EnvelopeShare {
            envelope: envelope.parse().ok()?,
            window: window.parse().ok()?,
        })
    })
}

pub(crate) fn parse_scope(text: &str) -> Option<EnvelopeScope> {
    match text.split_once(':')? {
        ("day", offset) => Some(EnvelopeScope::Day {
            utc_offset_minutes: offset.parse().ok()?,
        }),
        ("conversation", id) => Some(EnvelopeScope::Conversation(id.parse().ok()?)),
        ("modality", kind) => Some(EnvelopeScope::Modality(WorkKind::parse(kind)?)),
        _ => None,
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(';');
        }
        text.push_str(&part);
    }
    text
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(';').map(parse).collect()
}

#[cfg(test)]
mod tests {
    use anyai_units::ConversationId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn lists_read_back_what_they_write() {
        let allocation = |grant, amount, used| Allocation {
            grant,
            amount: Credits::from_millicredits(amount),
            used: Credits::from_millicredits(used),
        };
        let share = |envelope, window| EnvelopeShare { envelope, window };
        for parts in [
            vec![],
            vec![allocation(1, 40_000, 0)],
            vec![allocation(1, 5, 5), allocation(9, i64::MAX, 2)],
        ] {
            assert_eq!(parse_allocations(&allocations(&parts)), Some(parts));
        }
        for parts in [
            vec![],
            vec![share(1, -3)],
            vec![share(1, 0), share(2, 20_000)],
        ] {
            assert_eq!(parse_shares(&shares(&parts)), Some(parts));
        }
        for text in ["1", "1:2", "1:2:3:4", "1:2:x", ";", "1:2:3;"] {
            assert_eq!(parse_allocations(text), None, "{text:?}");
        }
        for text in ["1", "x:1", "1:2:3"] {
            assert_eq!(parse_shares(text), None, "{text:?}");
        }
    }

    #[test]
    fn scopes_read_back_what_they_write() {
        for scope_ in [
            EnvelopeScope::Day {
                utc_offset_minutes: -330,
            },
            EnvelopeScope::Conversation(ConversationId::from_uuid(Uuid::from_u128(5))),
            EnvelopeScope::Modality(WorkKind::Video),
        ] {
            assert_eq!(parse_scope(&scope(scope_)), Some(scope_));
        }
        for text in ["", "day", "day:x", "modality:song", "week:1"] {
            assert_eq!(parse_scope(text), None, "{text:?}");
        }
    }
}
