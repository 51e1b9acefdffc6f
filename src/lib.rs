//! quorate prepares people for distributed-systems interviews and grades what they hand in.

pub mod accounts;
pub mod attempts;
pub mod bank;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
mod error;
mod exercises;
pub mod grader;
mod http;
pub mod id;
pub mod jobs;
pub mod maintenance;
pub mod outbox;
mod practice;
mod quantity;
mod rate_limits;
mod record;
pub mod sandbox;
pub mod services;
pub mod sets;
pub mod submissions;
mod teams;
mod telemetry;
pub mod web;
pub mod worker;
