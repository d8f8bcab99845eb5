//! `anyai rates check`: what providers said turns cost, against what the receipts' lines say.

use std::collections::BTreeMap;

use anyai_catalog::Catalogue;
use anyai_wire::{Receipt, ReceiptLine, ReceiptLineKind, ReceiptUnit};
use serde_json::{Value, json};

use crate::commands::{CommandError, receipts};
use crate::exit::Exit;
use crate::output;
use crate::studio::StudioArguments;

const PICOCREDITS_PER_MILLICREDIT: u128 = 1_000_000_000;
const PICOCREDITS_PER_CREDIT: u128 = 1_000_000_000_000;
const TOKENS_PRICED_TOGETHER: u128 = 1_000_000;

/// What may be typed after `anyai rates check`.
#[derive(clap::Args, Debug)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    studio: StudioArguments,
    /// How many receipts at most, newest first
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    /// What a credit buys of list price, in nano-dollars, where it is not this program's
    #[arg(long, value_name = "NANO-DOLLARS", value_parser = clap::value_parser!(u64).range(1..))]
    credit: Option<u64>,
    /// Print one JSON array; costs are whole nano-dollars
    #[arg(long)]
    json: bool,
}

/// What was found of one model.
#[derive(Debug, Default)]
struct Found {
    equal: u32,
    differ: u32,
    /// The receipt that differs most: by how many nano-dollars, ours, the provider's, and why.
    largest: Option<(u64, u64, u64, &'static str)>,
}

pub(super) async fn run(arguments: CheckArguments) -> Result<Exit, CommandError> {
    let credit = match arguments.credit {
        Some(nano_usd) => nano_usd,
        None => Catalogue::embedded()?.rate_card().nano_usd_per_credit,
    };
    let opened = arguments.studio.open().await?;
    let receipts = receipts::newest(&opened, usize::from(arguments.limit)).await;
    opened.studio.shutdown().await;
    let models = compare(&receipts?, credit);
    if arguments.json {
        output::json(&models.iter().map(as_json).collect::<Vec<Value>>())?;
        return Ok(Exit::Success);
    }
    if models.is_empty() {
        output::remark("no receipt has a cost that its provider reported")?;
    }
    for model in &models {
        output::result(&line(model))?;
    }
    Ok(Exit::Success)
}

fn compare(receipts: &[Receipt], nano_usd_per_credit: u64) -> BTreeMap<String, Found> {
    let mut models: BTreeMap<String, Found> = BTreeMap::new();
    for receipt in receipts {
        let reported = receipt.provider_cost_nano_usd;
        let Some(reported) = reported.and_then(|cost| u64::try_from(cost).ok()) else {
            continue;
        };
        let found = models.entry(receipt.model_id.clone()).or_default();
        let ours = by_lines(&receipt.lines, nano_usd_per_credit);
        if ours == reported {
            found.equal += 1;
            continue;
        }
        found.differ += 1;
        let by = ours.abs_diff(reported);
        if found.largest.is_none_or(|(largest, ..)| by > largest) {
            found.largest = Some((by, ours, reported, why(receipt, ours, reported)));
        }
    }
    models
}

/// The cost by a receipt's own lines, in nano-dollars, rounded half up as reported ones are.
fn by_lines(lines: &[ReceiptLine], nano_usd_per_credit: u64) -> u64 {
    let picocredits = lines.iter().map(|line| {
        let price = u128::from(line.price.millicredits().unsigned_abs());
        let priced = u128::from(line.quantity) * price * PICOCREDITS_PER_MILLICREDIT;
        match line.unit {
            ReceiptUnit::Tokens => priced / TOKENS_PRICED_TOGETHER,
            ReceiptUnit::Pictures | ReceiptUnit::Seconds | ReceiptUnit::Calls => priced,
        }
    });
    let sum = picocredits.fold(0_u128, u128::saturating_add);
    let scaled = sum.saturating_mul(u128::from(nano_usd_per_credit));
    let nano_usd = scaled.saturating_add(PICOCREDITS_PER_CREDIT / 2) / PICOCREDITS_PER_CREDIT;
    u64::try_from(nano_usd).unwrap_or(u64::MAX)
}

/// What a difference most likely comes from.
fn why(receipt: &Receipt, ours: u64, reported: u64) -> &'static str {
    let has = |kind| receipt.lines.iter().any(|line| line.kind == kind);
    if receipt.lines.is_empty() {
        "the receipt has no lines"
    } else if receipt.counted_here {
        "its usage was counted here"
    } else if reported == 0 {
        "the provider charged nothing"
    } else if has(ReceiptLineKind::RememberedReading) || has(ReceiptLineKind::Remembering) {
        "part of it was read from the provider's cache"
    } else if has(ReceiptLineKind::ReadingPictures) {
        "pictures were read"
    } else if reported > ours {
        "the provider charged more: a tool, another tier, or a price that rose"
    } else {
        "the provider charged less: another tier, or a price that fell"
    }
}

fn line((model, found): (&String, &Found)) -> String {
    let counted = format!(
        "{model:<32} {:>5} receipts, {:>5} equal, {:>5} differ",
        found.equal + found.differ,
        found.equal,
        found.differ
    );
    match found.largest {
        None => counted,
        Some((_, ours, reported, why)) => format!(
            "{counted}; most: {} here, {} reported ({why})",
            usd(ours),
            usd(reported)
        ),
    }
}

/// Dollars with nine digits.
fn usd(nano_usd: u64) -> String {
    const NANO: u64 = 1_000_000_000;
    format!("US${}.{:09}", nano_usd / NANO, nano_usd % NANO)
}

fn as_json((model, found): (&String, &Found)) -> Value {
    let largest = found.largest.map(|(_, ours, reported, why)| {
        json!({ "ours_nano_usd": ours, "reported_nano_usd": reported, "why": why })
    });
    json!({
        "model": model,
        "receipts": found.equal + found.differ,
        "equal": found.equal,
        "differ": found.differ,
        "largest": largest,
    })
}
