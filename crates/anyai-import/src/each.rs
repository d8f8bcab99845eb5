//! The elements of a JSON array one by one: an export of years does not fit into memory twice.

use std::fmt;
use std::io::Read;
use std::ops::ControlFlow;

use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, de};
use serde_json::{Deserializer, Map, Value};

/// Gives every element of an array, or the one object there is, until it is told to break.
pub(crate) fn each(
    json: impl Read,
    mut take: impl FnMut(Value) -> ControlFlow<()>,
) -> Result<(), serde_json::Error> {
    let mut stopped = false;
    let mut json = Deserializer::from_reader(json);
    let mut take = |value| {
        let flow = take(value);
        stopped = flow.is_break();
        flow
    };
    let read = json.deserialize_any(Each(&mut take));
    match read {
        Err(_) if stopped => Ok(()),
        Err(error) => Err(error),
        Ok(()) => json.end(),
    }
}

struct Each<'a, F>(&'a mut F);

impl<'de, F: FnMut(Value) -> ControlFlow<()>> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("conversations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Element(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let object = Map::deserialize(de::value::MapAccessDeserializer::new(map))?;
        // There is no other to go on with.
        let _ = (self.0)(Value::Object(object));
        Ok(())
    }
}

struct Element<'a, F>(&'a mut F);

impl<'de, F: FnMut(Value) -> ControlFlow<()>> DeserializeSeed<'de> for Element<'_, F> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match (self.0)(Value::deserialize(json)?) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(de::Error::custom("enough was read")),
        }
    }
}
