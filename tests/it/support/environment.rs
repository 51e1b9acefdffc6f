//! What `tests/run` brings up for the tests and tells them of.

/// The PostgreSQL server, as an address without a database's name.
pub fn postgres() -> String {
    told("QUORATE_TEST_POSTGRES")
}

/// Chromedriver.
pub fn webdriver() -> String {
    told("QUORATE_TEST_WEBDRIVER")
}

/// The program `schemathesis`, which makes requests from an OpenAPI document.
pub fn schemathesis() -> String {
    told("QUORATE_TEST_SCHEMATHESIS")
}

/// A Python that has the packages which the statistics are compared with.
pub fn statistics() -> String {
    told("QUORATE_TEST_STATISTICS")
}

/// The folder of the packages from npm (`tests/js/install`).
pub fn packages() -> String {
    told("QUORATE_TEST_PACKAGES")
}

fn told(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the tests by `bash tests/run`, which sets it"))
}
