//! Offline token counts for every provider family.
