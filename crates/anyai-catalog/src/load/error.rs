//! What can be wrong with a catalogue's documents.

use super::list_price::Each;
use crate::documents::DocumentKind;

/// What is wrong with a catalogue's documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The text is not the TOML we expect.
    #[error("the {document} cannot be read: {reason}")]
    Malformed {
        /// Which document.
        document: DocumentKind,
        /// What the parser says.
        reason: String,
    },
    /// A value is not one of the words that field takes.
    #[error("model {model}: {field} cannot be {value:?}")]
    UnknownWord {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// A limit is impossible or contradicts another one.
    #[error("model {model}: {field} is impossible")]
    ImpossibleLimit {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// Two models, or two plans, have the same id.
    #[error("{id} is listed twice in the {document}")]
    Duplicate {
        /// Which document.
        document: DocumentKind,
        /// The id.
        id: String,
    },
    /// A list that must not be empty is.
    #[error("the {document} lists nothing")]
    Empty {
        /// Which document.
        document: DocumentKind,
    },
    /// The rate card prices a model nobody knows.
    #[error("the rate card prices {model}, which the model list does not have")]
    PriceOfUnknownModel {
        /// The id.
        model: String,
    },
    /// The rate card prices a model on the operator's own server, which costs nothing.
    #[error("the rate card prices {model}, which runs on the operator's own server")]
    PriceOfLocalModel {
        /// The id.
        model: String,
    },
    /// A model has no price line.
    #[error("model {model} has no price")]
    NoPrice {
        /// The model.
        model: String,
    },
    /// A price line leaves out what every model charges for.
    #[error("model {model}: the price of {field} is missing")]
    MissingPrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// A price is below zero: a sentinel, not a price.
    #[error("model {model}: the price of {field} is negative")]
    NegativePrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// A price is zero, above every bound, or a cache's is many times what reading afresh costs.
    #[error("model {model}: the price of {field} is absurd ({nano_usd} nano-dollars a {each})")]
    AbsurdPrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// The price.
        nano_usd: i64,
        /// What it is of.
        each: Each,
    },
    /// A price names a size, a quality or the like that the model does not have.
    #[error("model {model}: a price names the {field} {value:?}, which the model does not have")]
    PriceOfUnknownKnob {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// A choice the model offers has no price, or no count of tokens to price it by.
    #[error("model {model}: there is no {what} for {choice}")]
    Uncovered {
        /// The model.
        model: String,
        /// What there is none of.
        what: &'static str,
        /// The choice.
        choice: String,
    },
    /// The rate card switches a model on that makes no clips or is not listed.
    #[error("the rate card switches {model} on, which no list of models that make clips has")]
    SwitchesOnUnknownModel {
        /// The id.
        model: String,
    },
    /// A model's price lines are not in strictly rising date order.
    #[error("model {model}: its price lines are not in date order")]
    DatesOutOfOrder {
        /// The model.
        model: String,
    },
    /// A value that should be a calendar day is not.
    #[error("{value} is not a day like 2026-11-22")]
    NotADay {
        /// The value.
        value: String,
    },
    /// The value of a credit is outside its bounds.
    #[error("a credit cannot buy {nano_usd} nano-dollars")]
    AbsurdCredit {
        /// The value.
        nano_usd: u64,
    },
    /// A plan's numbers cannot be true.
    #[error("plan {plan}: {field} is impossible")]
    ImpossiblePlan {
        /// The plan.
        plan: String,
        /// The field.
        field: &'static str,
    },
}
