//! A whole measurement: starts, then rounds at rising rates, then slow streams, then as many streams as
//! one likes, then the books.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::arguments::RunArguments;
use crate::exchange::Exchange;
use crate::figures::{Figures, Time, compare};
use crate::process::{Usage, load};
use crate::schedule::Schedule;
use crate::studio::{Folder, Studio};
use crate::template::Template;
use crate::upstream::{Pace, Upstream};
use crate::{books, load as tool};

const STUDIO: &str = include_str!("../templates/studio.toml");
const RESPONSES: &str = include_str!("../templates/responses.toml");

/// Exchanges before anything is measured: connections are open then and caches filled.
const WARM_UP: Schedule = Schedule {
    per_second: 50,
    requests: 100,
};

/// Milliseconds of processor time in a clock tick.
const TICK_MS: u64 = 10;

/// Everything that is asked of the gateway and of the provider.
struct Bench {
    upstream: Upstream,
    direct: Arc<Exchange>,
    through: Arc<Exchange>,
    gateway: Option<u32>,
    /// Exchanges that went through the gateway and succeeded.
    answered: u64,
    /// Calls of the direct runs, which the provider counts too.
    direct_calls: u64,
    failed: u64,
}

pub(crate) async fn run(arguments: &RunArguments) -> Result<()> {
    // The kernel may otherwise round a sleep up by 50 us, which is half of what is to be measured.
    let _ = std::fs::write("/proc/self/timerslack_ns", "1000");
    println!("load before: {}", load());
    let upstream = Upstream::start(arguments.upstream)?;
    let given: BTreeMap<String, String> = arguments.values.iter().cloned().collect();
    match (&arguments.gateway_url, &arguments.template) {
        (Some(url), Some(template)) => {
            let template = Template::read(template)?.with(&given);
            let mut bench = Bench::new(arguments, upstream, template, url, arguments.pid, given)?;
            bench.rounds(arguments).await?;
        }
        _ => studio(arguments, upstream, given).await?,
    }
    println!("load after: {}", load());
    Ok(())
}

/// Measures our own studio, which is started and ended here.
async fn studio(
    arguments: &RunArguments,
    upstream: Upstream,
    given: BTreeMap<String, String>,
) -> Result<()> {
    let mut folder = Folder::make(arguments, &upstream.url)?;
    let studio = starts(arguments, &mut folder).await?;
    let mut values = folder.values(&studio, &arguments.model).await?;
    values.extend(given);
    let template = Template::parse(STUDIO)?.with(&values);
    let process = studio.process.id();
    let mut bench = Bench::new(
        arguments,
        upstream,
        template,
        &studio.url,
        Some(process),
        values,
    )?;
    let measured = bench.rounds(arguments).await;
    studio
        .process
        .end()
        .await
        .context("the studio was asked to end")?;
    measured?;
    let calls = bench.upstream.served().await?.calls - bench.direct_calls;
    if bench.failed > 0 {
        println!("books: not compared, {} requests failed", bench.failed);
        return Ok(());
    }
    let books = books::check(arguments, &folder.ledger(), bench.answered, calls)?;
    println!("books: {books}");
    Ok(())
}

/// Times starts in an existing data folder, after the one that makes it.
async fn starts(arguments: &RunArguments, folder: &mut Folder) -> Result<Studio> {
    let mut studio = folder.start(arguments).await?;
    println!(
        "ready after exec, ms: {:.0} in a new folder",
        ms(studio.ready_after)
    );
    let mut times = Vec::new();
    for _ in 0..arguments.starts {
        studio.process.end().await?;
        studio = folder.start(arguments).await?;
        times.push(studio.ready_after);
    }
    times.sort();
    if let (Some(least), Some(most)) = (times.first(), times.last()) {
        println!(
            "  in one that exists: {:.0} / {:.0} / {:.0} (least / median / most of {})",
            ms(*least),
            ms(times[times.len() / 2]),
            ms(*most),
            times.len()
        );
    }
    Ok(studio)
}

impl Bench {
    fn new(
        arguments: &RunArguments,
        upstream: Upstream,
        template: Template,
        url: &str,
        gateway: Option<u32>,
        mut values: BTreeMap<String, String>,
    ) -> Result<Self> {
        let direct = match &arguments.direct_template {
            Some(path) => Template::read(path)?,
            None => Template::parse(RESPONSES)?,
        };
        for (name, value) in [("model", arguments.model.as_str()), ("key", "bench")] {
            values
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }
        Ok(Self {
            direct: Arc::new(Exchange::new(direct.with(&values), &upstream.url)?),
            through: Arc::new(Exchange::new(template.with(&values), url)?),
            upstream,
            gateway,
            answered: 0,
            direct_calls: 0,
            failed: 0,
        })
    }

    async fn rounds(&mut self, arguments: &RunArguments) -> Result<()> {
        let at_once = Pace {
            pieces: arguments.pieces,
            every_ms: 0,
        };
        self.upstream.set_pace(at_once).await?;
        self.direct(WARM_UP).await?;
        self.through(WARM_UP).await?;
        for rate in &arguments.rates {
            let schedule = Schedule::lasting(arguments.seconds, *rate);
            let (direct, through) = self.round(schedule, schedule, at_once).await?;
            compare("whole answer", Time::Whole, &direct, &through);
            compare("first piece", Time::First, &direct, &through);
        }
        if arguments.stream_rate > 0 {
            let slow = Pace {
                pieces: arguments.stream_pieces,
                every_ms: arguments.stream_every_ms,
            };
            let schedule = Schedule::lasting(arguments.seconds, arguments.stream_rate);
            self.streams(schedule, schedule, slow).await?;
        }
        if arguments.streams > 0 {
            let pace = Pace {
                every_ms: arguments.stream_every_ms,
                ..at_once
            };
            let rate = arguments.streams_rate;
            let many = Schedule {
                per_second: rate,
                requests: arguments.streams,
            };
            // What the provider does by itself shows in a few seconds.
            let few = Schedule::lasting(arguments.seconds, rate);
            self.streams(few, many, pace).await?;
        }
        Ok(())
    }

    async fn streams(&mut self, direct: Schedule, through: Schedule, pace: Pace) -> Result<()> {
        let (direct, through) = self.round(direct, through, pace).await?;
        compare("first piece", Time::First, &direct, &through);
        compare("a piece's way", Time::Delay, &direct, &through);
        compare("late after the piece before", Time::Gap, &direct, &through);
        Ok(())
    }

    /// Requests at one rate, directly and through the gateway.
    async fn round(
        &mut self,
        direct: Schedule,
        schedule: Schedule,
        pace: Pace,
    ) -> Result<(Figures, Figures)> {
        self.upstream.set_pace(pace).await?;
        println!(
            "\n{} requests at {} a second, answers of {} pieces {} ms apart",
            schedule.requests, schedule.per_second, pace.pieces, pace.every_ms
        );
        let direct = self.direct(direct).await?;
        println!("  direct:  {}", summary(&direct));
        let connections = self.upstream.served().await?.connections;
        let before = self.usage();
        let through = self.through(schedule).await?;
        println!("  through: {}", summary(&through));
        let connections = self.upstream.served().await?.connections - connections;
        if let (Some(before), Some(after)) = (before, self.usage()) {
            println!("           {}", cost(before, after, &through, connections));
        }
        Ok((direct, through))
    }

    async fn direct(&mut self, schedule: Schedule) -> Result<Figures> {
        let before = self.upstream.served().await?.calls;
        let figures = tool::round(&self.direct, schedule).await?;
        self.direct_calls += self.upstream.served().await?.calls - before;
        Ok(figures)
    }

    async fn through(&mut self, schedule: Schedule) -> Result<Figures> {
        let figures = tool::round(&self.through, schedule).await?;
        self.answered += figures.succeeded;
        self.failed += figures.failed;
        Ok(figures)
    }

    fn usage(&self) -> Option<Usage> {
        self.gateway.and_then(Usage::of)
    }
}

fn summary(figures: &Figures) -> String {
    let failed = match &figures.first_failure {
        Some(why) => format!("{} FAILED, the first: {why}", figures.failed),
        None => "none failed".to_owned(),
    };
    format!(
        "{} answered, {:.0} a second to the last answer, {failed}",
        figures.succeeded,
        figures.per_second()
    )
}

fn cost(before: Usage, after: Usage, through: &Figures, connections: u64) -> String {
    // Rounded down to whole microseconds.
    let us = (after.ticks - before.ticks) * TICK_MS * 1_000 / through.succeeded.max(1);
    format!(
        "{us} us of processor time a request, {connections} new connections to the provider, RSS {} MiB (most so far {} MiB)",
        after.rss_kib / 1_024,
        after.rss_most_kib / 1_024
    )
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
