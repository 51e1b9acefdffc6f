//! The integration tests: one binary, a file for each subject. Run them by `bash tests/run`, which brings up what they need.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says that it failed by panicking; what the tests share is no test to clippy"
)]
#![expect(unreachable_pub, reason = "`pub` in `support` means: for the tests")]

mod support;

mod abuse;
mod accounts;
mod attacks;
mod attempts;
mod authors;
mod bank;
mod browser;
mod browser_code;
mod database;
mod erasure;
mod exams;
mod forms;
mod grade;
mod home;
mod idempotency;
mod incident;
mod leaks;
mod limits;
mod material;
mod openapi;
mod operation;
mod ordinary;
mod outbox;
mod packages;
mod queue;
mod roles;
mod sandbox;
mod schemathesis;
mod sessions;
mod shapes;
mod similarity;
mod statistics;
mod submissions;
mod team_sets;
mod teams;
mod tidy;
mod tokens;
mod verdicts;
mod web;
mod without;
mod workbench;
