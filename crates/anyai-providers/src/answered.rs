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

/// Packed bytes that are unpacked at a time: a thousandfold at most, so a mebibyte, before whoever reads
/// can say that it is enough.
const PART_BYTES: usize = 1_024;

/// An answer whose body is still to be read.
pub(crate) struct Answered {
    response: Response,
    packing: Packing,
    /// What came and is still packed.
    waiting: Bytes,
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
        Self {
            response,
            packing,
            waiting: Bytes::new(),
        }
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
            if self.waiting.is_empty() {
                let came = self.response.chunk().await;
                let Some(came) = came.map_err(|error| connection_error(&error))? else {
                    return self.packing.rest();
                };
                self.waiting = came;
            }
            let unpacked = self.packing.unpack(&mut self.waiting);
            let bytes = unpacked.map_err(|_| cannot_be_unpacked())?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}

impl Packing {
    /// Takes what waits, or a part of it.
    fn unpack(&mut self, waiting: &mut Bytes) -> io::Result<Bytes> {
        match self {
            Self::Plain => Ok(std::mem::take(waiting)),
            Self::Gzip(decoder) => {
                decoder.write_all(&part(waiting))?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Zlib(decoder) => {
                decoder.write_all(&part(waiting))?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Unknown { may_be_zlib, held } => {
                held.extend_from_slice(&std::mem::take(waiting));
                if held.len() < SIGNATURE_BYTES {
                    return Ok(Bytes::new());
                }
                *waiting = std::mem::take(held).into();
                *self = Self::told_by(waiting, *may_be_zlib);
                self.unpack(waiting)
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

    /// What was too short to tell, or is left in a pack that must have come to its end.
    fn rest(&mut self) -> Result<Option<Bytes>, ProviderError> {
        let rest = match self {
            Self::Plain => return Ok(None),
            Self::Unknown { held, .. } => std::mem::take(held),
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(|_| cannot_be_unpacked())?;
                std::mem::take(decoder.get_mut())
            }
            Self::Zlib(decoder) => {
                decoder.try_finish().map_err(|_| cannot_be_unpacked())?;
                std::mem::take(decoder.get_mut())
            }
        };
        Ok(Some(rest.into()).filter(|rest: &Bytes| !rest.is_empty()))
    }
}

fn cannot_be_unpacked() -> ProviderError {
    let message = "the provider's answer is packed, and cannot be unpacked";
    ProviderError::new(ErrorClass::Malformed, message)
}

fn part(waiting: &mut Bytes) -> Bytes {
    waiting.split_to(waiting.len().min(PART_BYTES))
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    #[test]
    fn a_pack_that_is_cut_is_not_taken_for_whole() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"all of it").unwrap();
        let whole = Bytes::from(gzip.finish().unwrap());
        for (bytes, is_whole) in [
            (whole.clone(), true),
            (whole.slice(..whole.len() - 5), false),
        ] {
            let mut waiting = bytes;
            let held = Vec::new();
            let may_be_zlib = false;
            let mut packing = Packing::Unknown { may_be_zlib, held };
            assert_eq!(packing.unpack(&mut waiting).unwrap(), "all of it");
            assert_eq!(packing.rest().is_ok(), is_whole);
        }
    }

    #[test]
    fn little_that_unpacks_to_much_comes_in_parts() {
        let zeros = vec![0; 16 * MEBIBYTE];
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&zeros).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&zeros).unwrap();
        for packed in [gzip.finish().unwrap(), zlib.finish().unwrap()] {
            let mut waiting = Bytes::from(packed);
            let held = Vec::new();
            let may_be_zlib = true;
            let mut packing = Packing::Unknown { may_be_zlib, held };
            let mut unpacked = 0;
            while !waiting.is_empty() {
                let bytes = packing.unpack(&mut waiting).unwrap().len();
                assert!(bytes <= 2 * MEBIBYTE, "{bytes} at once");
                unpacked += bytes;
            }
            assert_eq!(unpacked, zeros.len());
        }
    }
}
