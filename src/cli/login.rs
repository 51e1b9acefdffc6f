//! `quorate login`: stores a personal token for a server, after trying it.

use std::process::ExitCode;

use serde_json::Value;

use super::error::{CliError, exit, exit_code};
use super::server::{Address, Server};
use super::terminal::read_secret;
use super::token_file;
use crate::accounts::PersonalSecret;
use crate::config::Remote;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::internal);
    exit_code(runtime.and_then(|runtime| runtime.block_on(log_in(&arguments.remote))))
}

async fn log_in(remote: &Remote) -> Result<u8, CliError> {
    let address = Address::of(remote)?;
    let server = address.name().to_owned();
    let text = read_secret(&format!("A token that you made at {server}/account (it isn't shown): "))?;
    let token = PersonalSecret::parse(&text).map_err(CliError::usage)?;
    let _: Value = Server::with_token(address, token.clone())?.get(&["submissions"], "limit=1").await?;
    let file = token_file::store(&server, &token)?;
    eprintln!("the token for {server} is stored in {}", file.display());
    Ok(exit::GOOD)
}
