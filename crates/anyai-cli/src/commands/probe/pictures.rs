//! `anyai probe --kind image`: pictures, asked for once.

use anyai_providers::{Client, Endpoint, Image, ImageRequest, ProviderError};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::commands::CommandError;
use crate::commands::probe::arguments::ProbeArguments;
use crate::commands::probe::{ProbeError, asset, client_that_asks_once, files, heard};
use crate::exit::Exit;
use crate::output;

/// The largest file fetched.
const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

pub(super) async fn run(
    arguments: &ProbeArguments,
    endpoint: Endpoint<'_>,
) -> Result<Exit, CommandError> {
    let request = request(arguments)?;
    let client = client_that_asks_once()?.replaying();
    let events = client
        .images(endpoint, &request)
        .map_err(ProbeError::from)?;
    let mut report = heard(events).await;
    let pictures = report.images.iter();
    let mut assets: Vec<Value> = pictures.map(|it| asset::picture(it, None)).collect();
    for (url, mime) in std::mem::take(&mut report.links) {
        let fetched = if arguments.media.fetch {
            fetch(&client, endpoint, &url).await
        } else {
            Ok(None)
        };
        match fetched {
            Ok(Some(image)) => assets.push(asset::picture(&image, Some(&url))),
            Ok(None) => assets.push(asset::link("image", &url, mime.as_deref())),
            Err(error) => report.error = Some(error),
        }
    }
    let mut found = report.json();
    found["assets"] = json!(assets);
    found["usage"] = json!(report.usage.map(asset::usage));
    found["previews"] = json!(report.previews);
    found["revised_prompt"] = json!(report.revised_prompts.first());
    if arguments.json {
        output::result(&found.to_string())?;
    } else {
        for asset in &assets {
            output::result(&asset.to_string())?;
        }
        output::remark(&report.summary())?;
    }
    Ok(report.exit())
}

async fn fetch(
    client: &Client,
    endpoint: Endpoint<'_>,
    url: &str,
) -> Result<Option<Image>, ProviderError> {
    let (bytes, said) = whole(client, endpoint, url).await?;
    let unknown = Image {
        mime: said.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes: bytes.clone().freeze(),
    };
    Ok(Some(Image::recognised(bytes.freeze()).unwrap_or(unknown)))
}

/// A file at once, with what its server says it is.
pub(super) async fn whole(
    client: &Client,
    endpoint: Endpoint<'_>,
    url: &str,
) -> Result<(BytesMut, Option<String>), ProviderError> {
    let mut download = client.download(endpoint, url, FILE_BYTES_MAX).await?;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = download.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok((bytes, download.mime().map(str::to_owned)))
}

fn request(arguments: &ProbeArguments) -> Result<ImageRequest, ProbeError> {
    let media = &arguments.media;
    let mut request = ImageRequest::new(&arguments.model, &arguments.prompt);
    request.count = media.count;
    request.size.clone_from(&media.size);
    request.aspect.clone_from(&media.aspect);
    request.quality.clone_from(&media.quality);
    request.background.clone_from(&media.background);
    request.format.clone_from(&media.format);
    request.references = files::images(&arguments.images)?;
    request.mask = media.mask.as_deref().map(files::image).transpose()?;
    request.previews = media.previews;
    Ok(request)
}
