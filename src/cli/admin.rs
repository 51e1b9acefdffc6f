//! `quorate admin`: an operator's tasks, done on the database directly and without an account.

use std::io::Read as _;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};

use super::runtime::{Threads, block_on};
use crate::accounts::{NewAccount, Registration};
use crate::attempts::Scored;
use crate::audit::{Head, Verified};
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::Error;
use crate::id::SubmissionId;
use crate::services::{Services, StartError};

/// The number of random bytes in a generated password.
const PASSWORD_BYTES: usize = 15;
/// The longest password that is read, in bytes.
const PASSWORD_MAX_BYTES: u64 = 1024;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    task: Task,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Task {
    /// Create an account with a password
    User {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The name that other people see
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Make somebody an owner of a team, and create the team if it doesn't exist
    Owner {
        /// The address of an account
        #[arg(long)]
        email: String,
        /// The team's short name
        #[arg(long)]
        team: String,
    },
    /// Grade a submission again that could not be graded
    Regrade {
        /// The submission's id, which begins with sub_
        submission: SubmissionId,
    },
    /// Check that no entry of the teams' audit logs was changed or removed
    VerifyAudit,
    /// Score what could not be read back when its attempt ended, and can be now
    Rescore,
    /// Set a new password, and end all sessions and tokens of the account
    ResetPassword {
        /// The address of the account
        #[arg(long)]
        email: String,
        #[command(flatten)]
        password: Password,
    },
}

#[derive(Args)]
struct Password {
    /// Read the password from standard input [default: generate one and print it once]
    #[arg(long)]
    password_stdin: bool,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    match block_on(&Threads::This, carry_out(arguments)).map_err(StartError::from).flatten() {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(arguments: Arguments) -> Result<String, StartError> {
    let config = arguments.settings.resolve()?;
    let Services { accounts, attempts, audit, submissions, teams, .. } = Services::open(&config, Clock::system())?;
    match arguments.task {
        Task::User { email, name, password } => {
            let password = password.get()?;
            let form = Registration { email, password: password.text, display_name: name };
            let user = accounts.register(NewAccount::try_from(form).map_err(Error::from)?).await?.user;
            Ok(format!("{} is {}{}", user.email, user.id, password.shown))
        }
        Task::Owner { email, team } => {
            let user = accounts.by_email(&email).await?;
            teams.make_owner(team.parse()?, user.id).await?;
            Ok(format!("{} is an owner of {team}", user.email))
        }
        Task::Regrade { submission } => {
            submissions.regrade(submission).await?;
            Ok(format!("{submission} waits to be graded again"))
        }
        Task::VerifyAudit => verified(audit.verify().await?),
        Task::Rescore => rescored(&attempts.rescore().await?),
        Task::ResetPassword { email, password } => {
            let password = password.get()?;
            accounts.reset_password(&email, password.text).await?;
            Ok(format!("{email} has another password{}", password.shown))
        }
    }
}

/// A line for each team, by which an operator who noted it earlier can tell that nothing of its log was changed since.
fn verified(found: Verified) -> Result<String, StartError> {
    match found {
        Verified::Whole(heads) if heads.is_empty() => Ok("there are no entries".to_owned()),
        Verified::Whole(heads) => {
            let line =
                |Head { team, entries, hash }| format!("{team}: {entries} entries, the last has the hash {hash}");
            Ok(heads.into_iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        Verified::Broken { team, seq, what } => {
            Err(format!("the log of {team} is broken at entry {seq}: {what}").into())
        }
    }
}

/// How many items have a score now.
///
/// # Errors
/// What still has no score, by a fault of ours: a line for each item that can't be read back and each attempt that failed.
fn rescored(scored: &Scored) -> Result<String, StartError> {
    let mut told = match scored.items {
        1 => "1 item has a score now".to_owned(),
        items => format!("{items} items have a score now"),
    };
    for (item, error) in &scored.unreadable {
        told.push_str(&format!("\n{}, item {}: {error}", item.attempt, item.position));
    }
    for (attempt, error) in &scored.failed {
        told.push_str(&format!("\n{attempt}: {error}"));
    }
    match scored.unreadable.len() + scored.failed.len() {
        0 => Ok(told),
        _ => Err(format!("{told}\nwhat is listed still has no score: repair it, then rescore again").into()),
    }
}

/// A password, and what the operator is shown of it: only a password that was generated here is shown.
struct PasswordInput {
    text: String,
    shown: String,
}

impl Password {
    fn get(&self) -> Result<PasswordInput, StartError> {
        if !self.password_stdin {
            let mut bytes = [0; PASSWORD_BYTES];
            getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
            let text = URL_SAFE_NO_PAD.encode(bytes);
            return Ok(PasswordInput { shown: format!("; the password is {text}"), text });
        }
        let mut text = String::new();
        std::io::stdin().take(PASSWORD_MAX_BYTES).read_to_string(&mut text)?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        Ok(PasswordInput { text, shown: String::new() })
    }
}
