//! Bytes in hexadecimal, as hashes and cursors are written.

/// Writes bytes as lower-case hexadecimal digits, two for each byte.
#[must_use]
pub(crate) fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hex([0x00, 0x0a, 0xff]), "000aff");
    }
}
