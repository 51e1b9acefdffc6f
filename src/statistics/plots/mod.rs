//! Plots as SVG that stands in a page: text, without a library.
//!
//! A plot is as wide as there is room, so places from left to right are percentages; heights are pixels, and text keeps its size. All
//! colours are `currentColor`, which the classes of `quorate.css` set, so a plot is legible on a light and on a dark page. Nothing is
//! said by colour alone. A plot has a title and a description for people who can't see it. The page that shows it has the same
//! numbers in a table.

mod histogram;
mod options;
mod svg;

pub use histogram::plot_of_histogram;
pub use options::plot_of_options;
