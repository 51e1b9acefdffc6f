//! Practice: one question at a time, with feedback at once.

pub mod pages;
