//! A rate card of the operator's own need not price every model of this program: the others are
//! left out of the list, by name.

use toml::{Table, Value};

use super::{LoadError, read};
use crate::documents::DocumentKind;
use crate::model::Provider;

/// Each list of models, and the list that prices it.
const LISTS: [(&str, &str); 3] = [
    ("model", "price"),
    ("image_model", "image_price"),
    ("video_model", "video_price"),
];

/// The model list without the models a card has no price for, and their ids.
pub(crate) fn leave_out_unpriced(
    models: &str,
    rate_card: &str,
) -> Result<(String, Vec<String>), LoadError> {
    let mut list: Table = read(DocumentKind::Models, models)?;
    let card: Table = read(DocumentKind::RateCard, rate_card)?;
    let mut left_out = Vec::new();
    for (models, prices) in LISTS {
        let prices = card.get(prices).and_then(Value::as_array);
        let is_priced = |id: Option<&str>| {
            let mut lines = prices.into_iter().flatten();
            lines.any(|line| text(line, "model") == id)
        };
        let Some(Value::Array(models)) = list.get_mut(models) else {
            continue;
        };
        models.retain(|model| {
            let id = text(model, "id");
            let is_local = text(model, "provider") == Some(Provider::Local.as_str());
            let stays = is_local || is_priced(id);
            left_out.extend(id.filter(|_| !stays).map(str::to_owned));
            stays
        });
    }
    if left_out.is_empty() {
        return Ok((models.to_owned(), left_out));
    }
    Ok((list.to_string(), left_out))
}

fn text<'a>(entry: &'a Value, field: &str) -> Option<&'a str> {
    entry.get(field).and_then(Value::as_str)
}
