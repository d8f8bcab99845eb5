//! Who may come in: tokens of 256 random bits, of which only hashes are kept.

use std::sync::{Arc, PoisonError, RwLock};

use anyai_secrets::Secret;
use anyai_units::{MemberId, UtcMillis};
use anyai_wire::Code;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::answer::Failure;
use crate::history::TokenRow;
use crate::open_error::OpenError;
use crate::studio::Studio;

/// What a token starts with, so that a leaked one is recognised for what it is.
const TOKEN_PREFIX: &str = "anyai_";

/// Whoever sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) member: MemberId,
    pub(crate) owner: bool,
}

impl From<&TokenRow> for Caller {
    fn from(token: &TokenRow) -> Self {
        Self {
            member: token.member,
            owner: token.owner,
        }
    }
}

/// A caller who may set keys and the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner(pub(crate) Caller);

/// The tokens that open this studio.
#[derive(Debug, Default)]
pub(crate) struct Access {
    tokens: RwLock<Vec<TokenRow>>,
}

impl Access {
    pub(crate) fn new(tokens: Vec<TokenRow>) -> Self {
        Self {
            tokens: RwLock::new(tokens),
        }
    }

    pub(crate) fn admit(&self, token: TokenRow) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.push(token);
    }

    pub(crate) fn has_owner(&self) -> bool {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().any(|token| token.owner)
    }

    /// Refuses a member's tokens from now on.
    pub(crate) fn dismiss(&self, member: MemberId) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|token| token.member != member);
    }

    /// Whose tokens open this studio, one for each token.
    pub(crate) fn callers(&self) -> Vec<Caller> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().map(Caller::from).collect()
    }

    /// Who holds this token. Every stored hash is compared, each in the same time.
    pub(crate) fn caller(&self, presented: &str) -> Option<Caller> {
        let sha256 = hash(presented);
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        for token in tokens.iter() {
            if bool::from(token.sha256.ct_eq(&sha256)) {
                found = Some(Caller::from(token));
            }
        }
        found
    }
}

/// A fresh token and the row that lets its holder in.
pub(crate) fn mint(
    member: MemberId,
    owner: bool,
    now: UtcMillis,
) -> Result<(Secret, TokenRow), OpenError> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| OpenError::Broken {
        what: format!("the system gives no random numbers ({error})"),
    })?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let token = Secret::new(format!("{TOKEN_PREFIX}{digits}"));
    let row = TokenRow {
        sha256: hash(token.expose()),
        member,
        owner,
        created_at: now,
    };
    Ok((token, row))
}

/// Lets a request through with its [`Caller`], or answers that its token is refused.
pub(crate) async fn require_token(
    State(studio): State<Arc<Studio>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let presented = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let caller = presented.and_then(|token| studio.access.caller(token.trim()));
    let caller = caller.ok_or_else(refused)?;
    forget_when_removed(&studio, caller).await?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Whoever another server took out of the pool comes in here no more: their tokens here are forgotten too.
async fn forget_when_removed(studio: &Studio, caller: Caller) -> Result<(), Failure> {
    let (pool, member) = (studio.identity.pool, caller.member);
    if !studio.is_shared || !studio.ledger.is_removed(pool, member).await? {
        return Ok(());
    }
    studio.history.forget_tokens(member).await?;
    studio.access.dismiss(member);
    Err(refused())
}

fn refused() -> Failure {
    Failure::new(Code::TokenRejected, "the access token was refused")
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let caller = parts.extensions.get::<Self>().copied();
        caller.ok_or_else(refused)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.owner {
            Ok(Self(caller))
        } else {
            Err(Failure::new(
                Code::NotAllowed,
                "only the studio's owner may do that",
            ))
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
