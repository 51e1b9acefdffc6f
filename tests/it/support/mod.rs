//! What the tests stand on: the app, those who ask it for something, and databases.

mod app;
pub mod browser;
pub mod canary;
mod client;
mod contract;
mod database;
pub mod environment;
mod person;
pub mod script;
pub mod served;
mod session;

pub use app::TestApp;
pub use client::{Anonymous, Answer, Ask, Client, Network};
pub use database::{Backend, Database};
pub use person::{PASSWORD, Person};
pub use session::PageSession;

/// What a test is given, made on the database that it is to run on.
pub trait Fixture: Sized {
    /// A fresh one.
    async fn on(backend: Backend) -> Self;
}

/// Runs a test on one database.
pub fn run<F: Fixture>(backend: Backend, test: impl AsyncFnOnce(F)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { test(F::on(backend).await).await });
}

/// Makes two tests, `name::sqlite` and `name::postgres`, of each `async fn name(fixture: impl Fixture)`. The table stands
/// at the head of a file; a test that is missing in it is dead code, which the compiler reports.
macro_rules! for_each_database {
    ($($name:ident,)*) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::run(crate::support::Backend::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                crate::support::run(crate::support::Backend::Postgres, super::$name);
            }
        }
    )*};
}
pub(crate) use for_each_database;
