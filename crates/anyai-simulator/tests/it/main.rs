//! The simulator as its clients see it: over HTTP.

mod answers;
mod faults;
mod levers;
mod shapes;
mod support;
