//! Exact decimals: prices and waiting times are read from their text, never through a float.

use anyai_units::NanoUsd;

/// Digits after the point in a nano-dollar amount.
const NANO_DIGITS: i32 = 9;
/// Digits after the point in a time in milliseconds.
const MILLI_DIGITS: i32 = 3;
/// Digits after the point in a percentage in thousandths.
const PERMILLE_DIGITS: i32 = 1;
/// All of something, in thousandths.
const PERMILLE_MAX: u32 = 1_000;
/// More digits than any amount here has; beyond them a text is not an amount.
const DIGITS_MAX: usize = 60;

/// US dollars as JSON writes them (`0.00148925`, `3.36e-05`), rounded half up to a nano-dollar;
/// `None` when it is not a number, negative, or absurd.
pub(crate) fn nano_usd(text: &str) -> Option<NanoUsd> {
    i64::try_from(scaled(text, NANO_DIGITS)?)
        .ok()
        .map(NanoUsd::from_nano)
}

/// xAI's ticks, 10,000,000,000 to a dollar, rounded half up to a nano-dollar.
pub(crate) fn nano_usd_from_ticks(ticks: u64) -> Option<NanoUsd> {
    // Half up: five ticks are half a nano-dollar.
    let nano_usd = ticks.checked_add(5)? / 10;
    i64::try_from(nano_usd).ok().map(NanoUsd::from_nano)
}

/// Seconds as text (`17`, `34.4`), in milliseconds rounded half up.
pub(crate) fn millis_from_seconds(text: &str) -> Option<u64> {
    u64::try_from(scaled(text.trim(), MILLI_DIGITS)?).ok()
}

/// A percentage as text (`18`, `18.5`), in thousandths rounded half up, at most all of it.
pub(crate) fn permille_from_percent(text: &str) -> Option<u32> {
    let permille = scaled(text.trim(), PERMILLE_DIGITS)?;
    Some(
        u32::try_from(permille)
            .unwrap_or(PERMILLE_MAX)
            .min(PERMILLE_MAX),
    )
}

/// The number times ten to the power of `digits`, rounded half up.
fn scaled(text: &str, digits: i32) -> Option<u128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits: String = [whole, fraction].concat();
    if whole.is_empty()
        || all_digits.len() > DIGITS_MAX
        || !all_digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let fraction_len = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_add(digits)?.checked_sub(fraction_len)?;
    let significant = all_digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    if shift >= 0 {
        let number: u128 = significant.parse().ok()?;
        return number.checked_mul(10_u128.checked_pow(shift.unsigned_abs())?);
    }
    let dropped = usize::try_from(shift.unsigned_abs()).ok()?;
    let Some(kept_len) = significant.len().checked_sub(dropped) else {
        return Some(0);
    };
    let (kept, rest) = significant.split_at(kept_len);
    let number: u128 = if kept.is_empty() {
        0
    } else {
        kept.parse().ok()?
    };
    let round_up = rest.as_bytes().first().is_some_and(|digit| *digit >= b'5');
    number.checked_add(u128::from(round_up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dollars_exactly() {
        for (text, nano) in [
            ("0", 0),
            ("0.0", 0),
            ("1", 1_000_000_000),
            ("0.00148925", 1_489_250),
            ("3.36e-05", 33_600),
            ("1E+2", 100_000_000_000),
            ("0.0004970133333333333", 497_013),
            ("0.0000000005", 1),
            ("0.00000000049999", 0),
            ("1e-40", 0),
            ("9223372036.854775807", i64::MAX),
        ] {
            assert_eq!(nano_usd(text), Some(NanoUsd::from_nano(nano)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_an_amount() {
        for text in [
            "",
            "-1",
            "null",
            "\"1\"",
            "1e",
            "1e99",
            "0x1",
            ".5",
            "9223372036.854775808",
            "{}",
        ] {
            assert_eq!(nano_usd(text), None, "{text:?}");
        }
    }

    #[test]
    fn reads_ticks_and_seconds() {
        assert_eq!(
            nano_usd_from_ticks(1_176_500),
            Some(NanoUsd::from_nano(117_650))
        );
        assert_eq!(
            nano_usd_from_ticks(123_456),
            Some(NanoUsd::from_nano(12_346))
        );
        assert_eq!(nano_usd_from_ticks(u64::MAX), None);
        assert_eq!(millis_from_seconds(" 17 "), Some(17_000));
        assert_eq!(millis_from_seconds("34.4"), Some(34_400));
        assert_eq!(millis_from_seconds("soon"), None);
        assert_eq!(permille_from_percent("18.55"), Some(186));
        assert_eq!(permille_from_percent("100"), Some(1_000));
        assert_eq!(permille_from_percent("4e9"), Some(1_000));
        assert_eq!(permille_from_percent("null"), None);
    }
}
