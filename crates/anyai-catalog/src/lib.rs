//! Models, rate card and plans as data; usage in, charge out.
