//! What tests share: a studio in a temporary folder, a clock, transcripts.
