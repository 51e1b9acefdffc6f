//! What a tracer must do, and what the trace of a request must look like.

mod common;
mod handler;
mod spans;
