//! Request bodies: JSON, or a form with files in it.

use axum::body::Bytes;
use futures_util::stream;
use http::{HeaderMap, header};
use multer::Multipart;
use serde_json::{Map, Value, json};

use crate::trouble::Trouble;

/// A body: its fields as JSON, and the files that came with them.
pub(crate) struct RequestBody {
    pub(crate) json: Value,
    /// Files by the name of their field.
    pub(crate) files: Vec<(String, Bytes)>,
}

/// Reads a body by what its head says it is.
pub(crate) async fn body(headers: &HeaderMap, bytes: &Bytes) -> Result<RequestBody, Trouble> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if let Ok(boundary) = multer::parse_boundary(content_type) {
        return read_form(bytes.clone(), boundary)
            .await
            .map_err(|error| bad(&format!("Could not parse your multipart form: {error}")));
    }
    let json = serde_json::from_slice(bytes)
        .map_err(|_| bad("We could not parse the JSON body of your request."))?;
    Ok(RequestBody {
        json,
        files: Vec::new(),
    })
}

fn bad(message: &str) -> Trouble {
    Trouble::BadRequest {
        message: message.to_owned(),
        param: None,
    }
}

async fn read_form(bytes: Bytes, boundary: String) -> Result<RequestBody, multer::Error> {
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut form = Multipart::new(whole, boundary);
    let mut json = Map::new();
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name().map(str::to_owned) {
            let content = field.bytes().await?;
            let told = json!({"file_name": file_name, "bytes": content.len()});
            json.insert(name.clone(), told);
            files.push((name, content));
        } else {
            let text = field.text().await?;
            let value = typed(&name, text);
            json.insert(name, value);
        }
    }
    Ok(RequestBody {
        json: Value::Object(json),
        files,
    })
}

/// Fields that are no text in JSON.
const TYPED: [&str; 4] = ["n", "stream", "partial_images", "output_compression"];

/// A form's field as JSON has it.
fn typed(name: &str, text: String) -> Value {
    let typed = TYPED
        .contains(&name)
        .then(|| serde_json::from_str(&text).ok());
    typed.flatten().unwrap_or(Value::String(text))
}
