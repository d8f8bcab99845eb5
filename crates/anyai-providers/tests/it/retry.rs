//! The retry rule, without a clock or a network.

use anyai_providers::{ErrorClass, Failure, ProviderError, RetryPolicy};
use anyai_units::UtcMillis;
use http::HeaderMap;

/// 2026-11-22T17:00:00Z
const NOW: UtcMillis = UtcMillis::from_millis(1_795_366_800_000);

fn failed(class: ErrorClass, status: Option<u16>, headers: &[(&'static str, &str)]) -> Failure {
    let mut error = ProviderError::new(class, "x");
    error.http_status = status;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("a header value"));
    }
    Failure::from_headers(error, &map, NOW)
}

fn wait_ms(failure: &Failure) -> Option<u64> {
    RetryPolicy::STANDARD.wait_ms(1, failure, 0)
}

#[test]
fn passing_statuses_are_tried_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        assert!(
            wait_ms(&failed(ErrorClass::Server, Some(status), &[])).is_some(),
            "{status}"
        );
    }
    for status in [301, 400, 401, 402, 403, 404, 413, 422] {
        assert_eq!(
            wait_ms(&failed(ErrorClass::InvalidRequest, Some(status), &[])),
            None,
            "{status}"
        );
    }
}

#[test]
fn an_empty_account_is_not_asked_twice() {
    assert_eq!(
        wait_ms(&failed(ErrorClass::QuotaExhausted, Some(429), &[])),
        None
    );
}

#[test]
fn only_a_broken_connection_is_tried_again_without_a_status() {
    let unanswered = |class| Failure::unanswered(ProviderError::new(class, "x"));
    assert!(wait_ms(&unanswered(ErrorClass::Network)).is_some());
    assert_eq!(wait_ms(&unanswered(ErrorClass::Timeout)), None);
}

#[test]
fn the_providers_advice_comes_first() {
    assert!(
        wait_ms(&failed(
            ErrorClass::InvalidRequest,
            Some(400),
            &[("x-should-retry", "true")]
        ))
        .is_some()
    );
    assert_eq!(
        wait_ms(&failed(
            ErrorClass::Overloaded,
            Some(529),
            &[("x-should-retry", "false")]
        )),
        None
    );
    assert!(
        wait_ms(&failed(
            ErrorClass::Overloaded,
            Some(529),
            &[("x-should-retry", "perhaps")]
        ))
        .is_some(),
        "advice that cannot be read is no advice"
    );
}

#[test]
fn the_wait_is_read_in_all_its_forms() {
    for (headers, expected) in [
        (&[("retry-after-ms", "250"), ("retry-after", "9")][..], 250),
        (&[("retry-after", "9")], 9_000),
        (&[("retry-after", "1.5")], 1_500),
        (&[("retry-after", "Sun, 22 Nov 2026 17:00:30 GMT")], 30_000),
        (&[("retry-after", "Sun, 22 Nov 2026 16:59:00 GMT")], 0),
    ] {
        assert_eq!(
            wait_ms(&failed(ErrorClass::RateLimited, Some(429), headers)),
            Some(expected),
            "{headers:?}"
        );
    }
    let unreadable = failed(
        ErrorClass::RateLimited,
        Some(429),
        &[("retry-after", "soon")],
    );
    assert_eq!(
        (unreadable.error.retry_after_ms, wait_ms(&unreadable)),
        (None, Some(500))
    );
}

#[test]
fn a_limit_that_is_used_up_says_when_it_is_set_anew() {
    for (headers, expected) in [
        (
            &[
                ("x-ratelimit-reset-requests", "20ms"),
                ("x-ratelimit-remaining-requests", "0"),
            ][..],
            20,
        ),
        (
            &[
                ("x-ratelimit-reset-tokens", "6m0s"),
                ("x-ratelimit-remaining-tokens", "0"),
            ],
            360_000,
        ),
        (
            &[
                ("x-ratelimit-reset", "1795366830000"),
                ("x-ratelimit-remaining", "0"),
            ],
            30_000,
        ),
        (&[("x-ratelimit-reset", "1795366830")], 30_000),
        (&[("x-ratelimit-reset", "2.5")], 2_500),
        (
            &[
                ("anthropic-ratelimit-tokens-reset", "2026-11-22T17:00:12Z"),
                ("anthropic-ratelimit-tokens-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", "2026-11-22T17:59:00Z"),
                ("anthropic-ratelimit-requests-remaining", "7"),
            ],
            12_000,
        ),
        (
            &[("x-ratelimit-reset-tokens", "9s"), ("retry-after", "3")],
            3_000,
        ),
    ] {
        let failure = failed(ErrorClass::RateLimited, Some(429), headers);
        assert_eq!(failure.error.retry_after_ms, Some(expected), "{headers:?}");
    }
    for (status, headers) in [
        (500, &[("x-ratelimit-reset-tokens", "9s")][..]),
        (
            429,
            &[
                ("x-ratelimit-reset-tokens", "9s"),
                ("x-ratelimit-remaining-tokens", "5"),
            ],
        ),
        (429, &[("x-ratelimit-reset-tokens", "soon")]),
    ] {
        let failure = failed(ErrorClass::RateLimited, Some(status), headers);
        assert_eq!(failure.error.retry_after_ms, None, "{status} {headers:?}");
    }
}

#[test]
fn a_wait_above_the_limit_is_not_waited() {
    let failure = failed(ErrorClass::RateLimited, Some(429), &[("retry-after", "61")]);
    assert_eq!(wait_ms(&failure), None);
    assert_eq!(
        failure.error.retry_after_ms,
        Some(61_000),
        "it is told instead"
    );
}

#[test]
fn waits_double_up_to_eight_seconds_and_spread_by_a_quarter() {
    let patient = RetryPolicy {
        first_wait_ms: 500,
        retries_max: 99,
        wait_ms_max: 60_000,
    };
    let failure = failed(ErrorClass::Overloaded, Some(503), &[]);
    let longest: Vec<u64> = (1..=7)
        .filter_map(|attempt| patient.wait_ms(attempt, &failure, 0))
        .collect();
    assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    for dice in [1, 499, 1_999, u64::MAX] {
        let wait_ms = patient.wait_ms(5, &failure, dice).expect("a wait");
        assert!((6_001..=8_000).contains(&wait_ms), "{wait_ms}");
    }
}

#[test]
fn attempts_are_counted() {
    let failure = failed(ErrorClass::Overloaded, Some(503), &[]);
    assert!(RetryPolicy::STANDARD.wait_ms(2, &failure, 0).is_some());
    assert_eq!(RetryPolicy::STANDARD.wait_ms(3, &failure, 0), None);
    assert_eq!(RetryPolicy::NEVER.wait_ms(1, &failure, 0), None);
}
