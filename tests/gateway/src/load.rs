//! A round: a schedule of exchanges, and what came of them.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::LocalSet;

use crate::exchange::{Arrivals, Exchange};
use crate::figures::Figures;
use crate::schedule::Schedule;

/// Time between making the schedule and its first request.
const HEAD_START: Duration = Duration::from_millis(50);

/// How long after the last request is due the last answer may come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Exchanges that may be under way at once; one beyond that fails, so that an overloaded gateway ends
/// the round and not the machine.
const UNDER_WAY_MAX: usize = 8_000;

/// Runs a round to its last answer.
pub(crate) async fn round(exchange: &Arc<Exchange>, schedule: Schedule) -> Result<Figures> {
    let figures = Rc::new(std::cell::RefCell::new(Figures::new()?));
    let (due, mut told) = unbounded_channel();
    let start = Instant::now() + HEAD_START;
    schedule.pace(start, due);
    let local = LocalSet::new();
    let (noted, exchange) = (Rc::clone(&figures), Arc::clone(exchange));
    let sending = local.run_until(async move {
        let under_way = Rc::new(());
        while let Some(at) = told.recv().await {
            let (noted, exchange) = (Rc::clone(&noted), Arc::clone(&exchange));
            if Rc::strong_count(&under_way) > UNDER_WAY_MAX {
                noted.borrow_mut().failed("too many were under way already");
                continue;
            }
            let one = Rc::clone(&under_way);
            tokio::task::spawn_local(async move {
                let ended = exchange.run().await;
                note(&noted, at, ended);
                drop(one);
            });
        }
    });
    sending.await;
    let last_due = start + schedule.due_after(schedule.requests);
    let until = tokio::time::Instant::from_std(last_due + PATIENCE);
    let in_time = tokio::time::timeout_at(until, local).await.is_ok();
    let mut figures = Rc::try_unwrap(figures).map_or_else(
        |shared| shared.replace(Figures::default()),
        |own| own.into_inner(),
    );
    if !in_time {
        figures.failed("answers were still missing a minute after the last request");
    }
    figures.elapsed = start.elapsed();
    Ok(figures)
}

/// Every time is counted from the request's place in the schedule.
fn note(figures: &std::cell::RefCell<Figures>, at: Instant, ended: Result<Arrivals>) {
    let mut figures = figures.borrow_mut();
    let noted = ended.and_then(|arrivals| {
        let end = arrivals.end.context("the answer had no end")?;
        let first = arrivals.first.context("the answer had no beginning")?;
        figures.succeeded(first - at, end - at, &arrivals)
    });
    if let Err(error) = noted {
        figures.failed(&format!("{error:#}"));
    }
}
