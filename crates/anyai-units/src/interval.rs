//! A forecast with its honest spread.

/// Low, likely and high of a 90 % interval: one value in twenty is below `low`, one above `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Interval<T> {
    /// The 5 % quantile.
    pub low: T,
    /// The median.
    pub likely: T,
    /// The 95 % quantile.
    pub high: T,
}

impl<T> Interval<T> {
    /// The same interval in another unit.
    pub fn map<U>(self, mut convert: impl FnMut(T) -> U) -> Interval<U> {
        Interval {
            low: convert(self.low),
            likely: convert(self.likely),
            high: convert(self.high),
        }
    }
}
