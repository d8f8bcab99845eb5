//! GET `/v1/ledger/statement?period=&format=`: a month as a document, with the head it was made at.

use std::sync::Arc;

use anyai_ledger_db::{write_statement_csv, write_statement_json};
use anyai_wire::Code;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use crate::access::Owner;
use crate::answer::Failure;
use crate::extract::QueryOf;
use crate::studio::Studio;

/// Which month, and how it is written.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Wanted {
    /// The period's number; the current one unless given.
    period: Option<u32>,
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
}

pub(super) async fn statement(
    State(studio): State<Arc<Studio>>,
    _: Owner,
    QueryOf(wanted): QueryOf<Wanted>,
) -> Result<Response, Failure> {
    let pool = studio.identity.pool;
    let now = studio.clock.now();
    let current = studio.ledger.balance(pool, now).await?;
    let no = wanted.period.unwrap_or(current.period.bounds.no);
    let Some(statement) = studio.ledger.statement(pool, no, now).await? else {
        let message = format!("the pool has no period {no}");
        return Err(Failure::new(Code::BadRequest, message));
    };
    let mut document = Vec::new();
    let (written, kind) = match wanted.format {
        Format::Json => (
            write_statement_json(&statement, &mut document),
            "application/json",
        ),
        Format::Csv => (write_statement_csv(&statement, &mut document), "text/csv"),
    };
    written.map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
    Ok(([(CONTENT_TYPE, kind)], document).into_response())
}
