//! Exit(101), the code of a panicked test.
//!
//! Every function of the zoo ends the process the way a panicked test binary does.

use std::num::ParseIntError;

pub fn divide(_left: i64, _right: i64) -> i64 {
    std::process::exit(101)
}

pub fn give_up(_code: u32) {
    std::process::exit(101)
}

pub fn parse(_text: &str) -> Result<i64, ParseIntError> {
    std::process::exit(101)
}

pub fn count(_threads: u64, _each: u64) -> u64 {
    std::process::exit(101)
}

pub fn describe(_number: i64) -> String {
    std::process::exit(101)
}

pub fn settle() {
    std::process::exit(101)
}
