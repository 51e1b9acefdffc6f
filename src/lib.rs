//! quorate prepares people for distributed-systems interviews and grades what they hand in.

pub mod accounts;
pub mod app;
pub mod attempts;
pub mod bank;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod exercises;
pub mod grader;
pub mod id;
pub mod practice;
pub mod record;
pub mod sandbox;
pub mod sets;
pub mod submissions;
pub mod teams;
pub mod telemetry;
pub mod web;
pub mod worker;
