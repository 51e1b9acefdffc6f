//! `quorate login`: stores a personal token for a server, after trying it, and says so when it can't hand in.

use std::process::ExitCode;

use serde_json::Value;

use super::error::{CliError, exit, exit_code};
use super::runtime::{Threads, block_on};
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
    exit_code(block_on(&Threads::This, log_in(&arguments.remote)).map_err(CliError::internal).flatten())
}

async fn log_in(remote: &Remote) -> Result<u8, CliError> {
    let address = Address::of(remote)?;
    let server = address.name().to_owned();
    let text = read_secret(&format!("A token that you made at {server}/account (it isn't shown): "))?;
    let token = PersonalSecret::parse(&text).map_err(CliError::usage)?;
    let program = Server::with_token(address, token.clone())?;
    let _: Value = program.get(&["submissions"], "limit=1").await?;
    // A token has one scope. Only one for reading, which can't hand in, opens the account.
    let hands_in = !program.covers(&["me"]).await?;
    let file = token_file::store(&server, &token)?;
    eprintln!("the token for {server} is stored in {}", file.display());
    if !hands_in {
        eprintln!(
            "it can't hand in, since its scope is \"read\": for `quorate submit`, make one with the scope \"submissions\" at \
             {server}/account, and log in with that"
        );
    }
    Ok(exit::GOOD)
}
