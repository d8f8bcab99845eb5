//! `anyai rates check --invoice FILE`: a provider's invoice, beside what the receipts of its days say it costs.
//!
//! The file is CSV with a line of names: `provider`, `model`, `day` (UTC, like 2026-11-22) and `usd`; other columns
//! are passed over, and lines of one model add up. What a turn costs its provider is what it said itself, or the
//! receipt's lines at list price. Whoever was charged less, because a hold was smaller, changes nothing here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use anyai_catalog::{Catalogue, Provider};
use anyai_units::UtcMillis;
use anyai_wire::Receipt;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{by_lines, usd};
use crate::commands::CommandError;

const NANO_DIGITS: usize = 9;

#[derive(Deserialize)]
struct Line {
    provider: String,
    model: String,
    day: String,
    usd: String,
}

/// What a provider asks for its models, and of which days.
pub(super) struct Invoice {
    asked: BTreeMap<Model, i128>,
    first: Date,
    last: Date,
}

/// A provider and one of its models.
type Model = (String, String);

/// An invoice's model, beside the receipts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    provider: String,
    model: String,
    turns: u32,
    /// Whose usage was counted here: what they cost is our guess.
    counted_here: u32,
    ours: i128,
    invoiced: i128,
}

impl Invoice {
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let name = path.display();
        let refused = |what: String| CommandError::Typed(format!("the invoice {name}: {what}"));
        let mut reader =
            csv::Reader::from_path(path).map_err(|error| refused(error.to_string()))?;
        let mut asked = BTreeMap::<Model, i128>::new();
        let mut days = BTreeSet::new();
        for line in reader.deserialize::<Line>() {
            let line = line.map_err(|error| refused(error.to_string()))?;
            let nano_usd = nano_usd(&line.usd)
                .ok_or_else(|| refused(format!("{:?} is no amount of dollars", line.usd)))?;
            let day: Date = line
                .day
                .parse()
                .map_err(|_| refused(format!("{:?} is no day like 2026-11-22", line.day)))?;
            days.insert(day);
            let sum = asked.entry((line.provider, line.model)).or_default();
            *sum = sum.saturating_add(nano_usd.into());
        }
        match (days.first(), days.last()) {
            (Some(first), Some(last)) => Ok(Self {
                asked,
                first: *first,
                last: *last,
            }),
            _ => Err(refused("it has no lines".to_owned())),
        }
    }

    /// From the first instant of its first day to the end of its last, in UTC.
    pub(super) fn time(&self) -> Result<Range<UtcMillis>, CommandError> {
        let begins = |date: Date| -> Result<UtcMillis, jiff::Error> {
            let zoned = date.to_zoned(TimeZone::UTC)?;
            Ok(UtcMillis::from_millis(zoned.timestamp().as_millisecond()))
        };
        let end = self.last.tomorrow().and_then(begins);
        let time = begins(self.first).and_then(|begin| Ok(begin..end?));
        time.map_err(|error| CommandError::Typed(error.to_string()))
    }

    /// Each model of its providers, on either side, beside the receipts of its days.
    pub(super) fn compare(
        self,
        receipts: &[Receipt],
        catalogue: &Catalogue,
        nano_usd_per_credit: u64,
    ) -> Vec<Row> {
        let mut rows = BTreeMap::<Model, Row>::new();
        for (model, nano_usd) in &self.asked {
            rows.entry(model.clone()).or_default().invoiced = *nano_usd;
        }
        for receipt in receipts {
            let Some(model) = self.model_of(receipt, catalogue) else {
                continue;
            };
            let row = rows.entry(model).or_default();
            let reported = receipt.provider_cost_nano_usd.map(i128::from);
            let by_lines = || i128::from(by_lines(&receipt.lines, nano_usd_per_credit));
            row.ours = row.ours.saturating_add(reported.unwrap_or_else(by_lines));
            row.turns += 1;
            row.counted_here += u32::from(receipt.counted_here);
        }
        let rows = rows.into_iter().map(|((provider, model), row)| Row {
            provider,
            model,
            ..row
        });
        rows.collect()
    }

    /// Whose invoice the receipt belongs on: a model the invoice names, or another of its providers.
    fn model_of(&self, receipt: &Receipt, catalogue: &Catalogue) -> Option<Model> {
        let id = &receipt.model_id;
        let named = self.asked.keys().find(|(_, model)| model == id);
        named.cloned().or_else(|| {
            let provider = provider_of(catalogue, id)?;
            let is_asked = self.asked.keys().any(|(name, _)| *name == provider);
            is_asked.then(|| (provider, id.clone()))
        })
    }
}

fn provider_of(catalogue: &Catalogue, id: &str) -> Option<String> {
    let chat = catalogue
        .models()
        .iter()
        .map(|model| (&model.id, model.provider));
    let image = catalogue.image_models().iter();
    let image = image.map(|model| (&model.id, model.provider));
    let video = catalogue.video_models().iter();
    let video = video.map(|model| (&model.id, model.provider));
    let mut all = chat.chain(image).chain(video);
    let (_, provider) = all.find(|(known, _)| known.as_str() == id)?;
    Some(provider.as_str().to_owned())
}

/// Dollars like `-12.345678901`, to the last digit or not at all.
fn nano_usd(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || part.len() > NANO_DIGITS {
        return None;
    }
    let nano: i64 = format!("{whole}{part:0<NANO_DIGITS$}").parse().ok()?;
    Some(sign * nano)
}

impl Row {
    pub(super) fn differs(&self) -> bool {
        self.ours != self.invoiced
    }

    /// What the difference most likely comes from.
    fn why(&self) -> &'static str {
        match (self.turns, self.invoiced) {
            _ if !self.differs() => "equal",
            (0, _) => {
                "no receipt of these days: another program's, another studio's, or calls through \
                 OpenRouter with a key of the house's own"
            }
            _ if self.invoiced < self.ours && self.provider == Provider::OpenRouter.as_str() => {
                "invoiced less: a price that fell, or calls with a key of the house's own, of which \
                 OpenRouter bills its fee and the provider behind it the rest"
            }
            (_, 0) => "not on the invoice",
            _ if self.counted_here > 0 => "some usage was counted here",
            _ if self.invoiced > self.ours => {
                "invoiced more: turns we do not know, calls through OpenRouter with a key of the \
                 house's own, or a price that rose"
            }
            _ => "invoiced less: another tier, or a price that fell",
        }
    }

    pub(super) fn line(&self) -> String {
        let difference = self.invoiced.saturating_sub(self.ours);
        let sign = if difference < 0 { "-" } else { "+" };
        let dollars = |nano: i128| usd(u64::try_from(nano.unsigned_abs()).unwrap_or(u64::MAX));
        let (invoiced, ours) = (dollars(self.invoiced), dollars(self.ours));
        let (provider, model, turns) = (&self.provider, &self.model, self.turns);
        let by = dollars(difference);
        let why = self.why();
        format!(
            "{provider} {model}: {invoiced} invoiced, {ours} by {turns} receipts, {sign}{by} ({why})"
        )
    }

    pub(super) fn as_json(&self) -> Value {
        let nano = |nano: i128| i64::try_from(nano).unwrap_or(i64::MAX);
        json!({
            "provider": self.provider,
            "model": self.model,
            "receipts": self.turns,
            "counted_here": self.counted_here,
            "ours_nano_usd": nano(self.ours),
            "invoiced_nano_usd": nano(self.invoiced),
            "difference_nano_usd": nano(self.invoiced.saturating_sub(self.ours)),
            "why": self.why(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openrouter_leaves_to_the_provider_behind_it_is_named() {
        let why = |provider: &str, turns, ours, invoiced| {
            let row = Row {
                provider: provider.to_owned(),
                turns,
                ours,
                invoiced,
                ..Row::default()
            };
            row.why().contains("a key of the house's own")
        };
        assert!(why("openrouter", 1, 105, 5), "its fee alone");
        assert!(why("openrouter", 1, 100, 0), "a fee of nothing");
        assert!(why("anthropic", 0, 0, 100), "the provider behind it");
        assert!(
            why("anthropic", 1, 5, 105),
            "the provider behind it, beside calls to itself"
        );
        assert!(!why("openrouter", 1, 5, 5));
        assert!(!why("anthropic", 1, 105, 5));
    }

    #[test]
    fn dollars_are_read_to_the_last_digit_or_not_at_all() {
        let read = [
            ("0", Some(0)),
            ("12.5", Some(12_500_000_000)),
            (" 0.000000001 ", Some(1)),
            ("-3.2", Some(-3_200_000_000)),
            ("0.0000000001", None),
            ("1,000.00", None),
            ("1e3", None),
            (".5", None),
            ("", None),
            ("-", None),
            ("99999999999", None),
        ];
        for (text, expected) in read {
            assert_eq!(nano_usd(text), expected, "{text:?}");
        }
    }
}
