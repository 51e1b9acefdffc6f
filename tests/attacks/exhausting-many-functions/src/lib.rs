//! Thousands of functions.

mod clock;

pub use clock::VectorClock;

macro_rules! functions {
    ($name:ident) => {
        pub mod $name {
            functions!(@eight a b c d e f g h);
        }
    };
    (@eight $($name:ident)*) => {
        $(
            pub mod $name {
                functions!(@leaf a b c d e f g h i j k l m n o p q r s t u v w x y z);
            }
        )*
    };
    (@leaf $($name:ident)*) => {
        $(
            pub mod $name {
                pub fn one(value: &mut Vec<String>) { value.push(format!("{value:?}")); }
                pub fn two(value: &mut Vec<String>) { value.sort(); }
                pub fn three(value: &mut Vec<String>) { value.dedup(); }
            }
        )*
    };
}

functions!(a);
functions!(b);
functions!(c);
functions!(d);
functions!(e);
functions!(f);
functions!(g);
functions!(h);

pub(crate) fn attack() {}
