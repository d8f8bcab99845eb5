//! An answer's head, and the bytes behind it: unpacked where they come packed.
//!
//! Nobody asks for packed answers. Some servers and proxies pack them all the same, and others say so
//! of what is not packed; so the first bytes decide, and the header only tells what they could be.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};
use reqwest::Response;

use crate::error::{ErrorClass, ProviderError};
use crate::transport::connection_error;

/// How many bytes it takes to tell.
const SIGNATURE_BYTES: usize = 2;
const GZIP: [u8; SIGNATURE_BYTES] = [0x1f, 0x8b];

/// An answer whose body is still to be read.
pub(crate) struct Answered {
    response: Response,
    packing: Packing,
}

/// How the body is packed.
enum Packing {
    Unknown { may_be_zlib: bool, held: Vec<u8> },
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
}

impl Answered {
    pub(crate) fn new(response: Response) -> Self {
        let said = response.headers().get(CONTENT_ENCODING);
        let may_be_zlib = said.is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(b"deflate"));
        let held = Vec::new();
        let packing = Packing::Unknown { may_be_zlib, held };
        Self { response, packing }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next bytes, `None` when there are no more.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, ProviderError> {
        loop {
            let came = self.response.chunk().await;
            let Some(came) = came.map_err(|error| connection_error(&error))? else {
                return Ok(self.packing.rest());
            };
            let bytes = self.packing.unpack(came).map_err(|_| {
                let message = "the provider's answer is packed, and cannot be unpacked";
                ProviderError::new(ErrorClass::Malformed, message)
            })?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}

impl Packing {
    fn unpack(&mut self, bytes: Bytes) -> io::Result<Bytes> {
        match self {
            Self::Plain => Ok(bytes),
            Self::Gzip(decoder) => {
                decoder.write_all(&bytes)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Zlib(decoder) => {
                decoder.write_all(&bytes)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Unknown { may_be_zlib, held } => {
                let bytes = if held.is_empty() && bytes.len() >= SIGNATURE_BYTES {
                    bytes
                } else {
                    held.extend_from_slice(&bytes);
                    if held.len() < SIGNATURE_BYTES {
                        return Ok(Bytes::new());
                    }
                    std::mem::take(held).into()
                };
                *self = Self::told_by(&bytes, *may_be_zlib);
                self.unpack(bytes)
            }
        }
    }

    fn told_by(bytes: &[u8], may_be_zlib: bool) -> Self {
        if bytes.starts_with(&GZIP) {
            return Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())));
        }
        // A checksum over the first two bytes, and the one method there is.
        let is_zlib = match bytes {
            [method, flags, ..] => {
                method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
            }
            _ => false,
        };
        match may_be_zlib && is_zlib {
            true => Self::Zlib(Box::new(ZlibDecoder::new(Vec::new()))),
            false => Self::Plain,
        }
    }

    /// What was too short to tell.
    fn rest(&mut self) -> Option<Bytes> {
        match self {
            Self::Unknown { held, .. } if !held.is_empty() => Some(std::mem::take(held).into()),
            _ => None,
        }
    }
}
