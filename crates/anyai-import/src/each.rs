//! The elements of a JSON array one by one: an export of years does not fit into memory twice.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, de};
use serde_json::{Deserializer, Map, Value};

/// Gives every element of an array, or the one object there is.
pub(crate) fn each(json: impl Read, mut take: impl FnMut(Value)) -> Result<(), serde_json::Error> {
    let mut json = Deserializer::from_reader(json);
    json.deserialize_any(Each(&mut take))?;
    json.end()
}

struct Each<'a, F>(&'a mut F);

impl<'de, F: FnMut(Value)> Visitor<'de> for Each<'_, F> {
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
        (self.0)(Value::Object(object));
        Ok(())
    }
}

struct Element<'a, F>(&'a mut F);

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for Element<'_, F> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        (self.0)(Value::deserialize(json)?);
        Ok(())
    }
}
