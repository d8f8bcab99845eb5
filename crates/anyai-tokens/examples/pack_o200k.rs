//! Packs OpenAI's `o200k_base.tiktoken` into `data/o200k.z`, the form this crate embeds:
//! `cargo run --release -p anyai-tokens --example pack_o200k -- o200k_base.tiktoken data/o200k.z`
//!
//! Ranks are consecutive, so the packed form is one length byte per token, then all the bytes,
//! compressed with zlib.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(source), Some(target)) = (arguments.next(), arguments.next()) else {
        return Err("usage: pack_o200k SOURCE TARGET".into());
    };
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    for (rank, line) in std::fs::read_to_string(source)?.lines().enumerate() {
        let (token, number) = line.split_once(' ').ok_or("a line without a rank")?;
        if number.parse::<usize>()? != rank {
            return Err(format!("rank {number} in place {rank}").into());
        }
        let token = decode_base64(token).ok_or("a token that is not base64")?;
        lengths.push(u8::try_from(token.len())?);
        bytes.extend(token);
    }
    lengths.extend(bytes);
    std::fs::write(
        target,
        miniz_oxide::deflate::compress_to_vec_zlib(&lengths, 10),
    )?;
    Ok(())
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0u32);
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        buffer = (buffer << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
