//! What is made of a stored file when it is first asked for: few at a time, each once, and one that
//! cannot be made is not tried again at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::doors::Doors;

/// How many are made at a time: each may take a quarter of a gibibyte, and a core.
const AT_A_TIME: usize = 2;

/// How long it is remembered that something cannot be made.
const FAILED_FOR: Duration = Duration::from_secs(10 * 60);

/// How many of these are remembered.
const FAILED_MAX: usize = 1_000;

/// SHA-256 of the file that something is made of.
type Key = [u8; 32];

/// What is being made.
#[derive(Debug)]
pub(crate) struct Makings {
    places: Semaphore,
    doors: Doors<Key>,
    failed: Mutex<HashMap<Key, Instant>>,
    failed_for: Duration,
}

impl Default for Makings {
    fn default() -> Self {
        Self {
            places: Semaphore::new(AT_A_TIME),
            doors: Doors::default(),
            failed: Mutex::default(),
            failed_for: FAILED_FOR,
        }
    }
}

impl Makings {
    /// What `find` finds, or else what `make` makes; `None` where it cannot be made. Whoever comes
    /// while it is made waits, and finds it.
    pub(crate) async fn find_or_make<T, E, F>(
        &self,
        key: Key,
        find: impl Fn() -> F,
        make: impl Future<Output = Result<Option<T>, E>>,
    ) -> Result<Option<T>, E>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        if let Some(found) = find().await? {
            return Ok(Some(found));
        }
        let _alone = self.doors.enter(key).await;
        if let Some(found) = find().await? {
            return Ok(Some(found));
        }
        if self.has_failed(&key) {
            return Ok(None);
        }
        // Never closed.
        let _place = self.places.acquire().await;
        let made = make.await?;
        if made.is_none() {
            self.remember(key);
        }
        Ok(made)
    }

    fn has_failed(&self, key: &Key) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed
            .get(key)
            .is_some_and(|at| at.elapsed() < self.failed_for)
    }

    fn remember(&self, key: Key) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.retain(|_, at| at.elapsed() < self.failed_for);
        if failed.len() < FAILED_MAX {
            failed.insert(key, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[derive(Default)]
    struct Work {
        made: Mutex<Vec<u8>>,
        tries: AtomicUsize,
        under_way: AtomicUsize,
        most_under_way: AtomicUsize,
    }

    impl Work {
        async fn ask(&self, makings: &Makings, number: u8, can_be_made: bool) -> Option<u8> {
            let find = || async {
                let made = self.made.lock().unwrap();
                Ok::<_, Infallible>(made.contains(&number).then_some(number))
            };
            let make = async {
                self.tries.fetch_add(1, Ordering::SeqCst);
                let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                self.under_way.fetch_sub(1, Ordering::SeqCst);
                if can_be_made {
                    self.made.lock().unwrap().push(number);
                }
                Ok(can_be_made.then_some(number))
            };
            let answer = makings.find_or_make([number; 32], find, make).await;
            answer.unwrap_or_else(|never| match never {})
        }
    }

    #[tokio::test]
    async fn each_is_made_once_and_few_at_a_time() {
        let (work, makings) = (Work::default(), Makings::default());
        let asked = (0..40).map(|place| work.ask(&makings, place % 8, true));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(Option::is_some));
        assert_eq!(work.tries.into_inner(), 8);
        assert_eq!(work.most_under_way.into_inner(), AT_A_TIME);
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_not_tried_again_for_a_while() {
        let (work, mut makings) = (Work::default(), Makings::default());
        for _ in 0..3 {
            assert_eq!(work.ask(&makings, 1, false).await, None);
        }
        assert_eq!(work.tries.load(Ordering::SeqCst), 1);
        makings.failed_for = Duration::ZERO;
        assert_eq!(work.ask(&makings, 1, true).await, Some(1));
    }
}
