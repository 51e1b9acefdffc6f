//! One configuration: defaults, then a TOML file, then `QUORATE_*` variables, then flags, each over the one before.
//!
//! The only place that reads the environment. Secrets are never printed: what may hold one has no `Debug` of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::network::Network;

/// Folders, with `:` between them in a variable.
const BETWEEN_FOLDERS: char = ':';
/// Who issues access tokens where no public URL is set.
const ISSUER: &str = "quorate";

/// What can be set. All commands take the same words; each uses what it needs.
#[derive(Clone, Default, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// A TOML file with these settings, in kebab case
    #[arg(long, env = "QUORATE_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080; `worker`: none, and health and metrics alone]
    #[arg(long, env = "QUORATE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where clients reach this server, for links and cookies, as the origin of forms, and as the issuer of access tokens [default: http:// and the address listened on]
    #[arg(long, env = "QUORATE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Folder of the database, the keys and the prepared packages [default: ./data]
    #[arg(long, env = "QUORATE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// sqlite:FILE or postgres://… [default: SQLite in the data directory]
    #[arg(long, env = "QUORATE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folders of exercise packages [default: ./graders]
    #[arg(long, env = "QUORATE_GRADERS", value_name = "DIR", value_delimiter = BETWEEN_FOLDERS)]
    pub graders: Option<Vec<PathBuf>>,
    /// Folders of topics and questions [default: ./questions]
    #[arg(long, env = "QUORATE_QUESTIONS", value_name = "DIR", value_delimiter = BETWEEN_FOLDERS)]
    pub questions: Option<Vec<PathBuf>>,
    /// Gradings at once in `serve`; 0 leaves them to `quorate worker` [default: one for each core]
    #[arg(long, env = "QUORATE_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Address and port for those who run this server: metrics, and why it is not ready [default: nowhere]
    #[arg(long, env = "QUORATE_OPERATION_LISTEN", value_name = "ADDRESS")]
    pub operation_listen: Option<SocketAddr>,
    /// Networks of the reverse proxies in front, such as 192.0.2.10, with `,` between them: they are believed when they say
    /// where a request comes from [default: none]
    #[arg(long, env = "QUORATE_TRUSTED_PROXIES", value_name = "NETWORK", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<Network>>,
    /// Which limits there are on how much a caller may ask for [default: on]
    #[arg(long, env = "QUORATE_RATE_LIMITS", value_name = "LIMITS")]
    pub rate_limits: Option<RateLimiting>,
    /// Names of sandbox controls that may be missing on this machine, with `,` between them [default: none]
    #[arg(long, env = "QUORATE_WAIVED_CONTROLS", value_name = "CONTROL", value_delimiter = ',')]
    pub waived_controls: Option<Vec<String>>,
    /// What to log, such as `info` or `quorate=debug` [default: info]
    #[arg(long, env = "QUORATE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log: text or json [default: text]
    #[arg(long, env = "QUORATE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Where to send traces by OTLP over HTTP, such as http://127.0.0.1:4318 [default: nowhere]
    #[arg(long, env = "QUORATE_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

/// Where a candidate's command finds a server.
#[derive(Clone, clap::Args)]
pub struct Remote {
    /// Address of the server, with its scheme: http or https
    #[arg(long, env = "QUORATE_SERVER", value_name = "URL")]
    pub server: Option<String>,
    /// Use http:// also to another machine, where others on the network can read the token and the files
    #[arg(long)]
    pub insecure_http: bool,
}

/// The personal token in `QUORATE_TOKEN`, if there is one. It's no flag, since other people on the machine can see those.
#[must_use]
pub fn personal_token() -> Option<String> {
    std::env::var("QUORATE_TOKEN").ok().map(|token| token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// The folder for what this program keeps for the person who runs it: `quorate` in `$XDG_CONFIG_HOME`, or in `~/.config`.
#[must_use]
pub fn user_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config"))).map(|folder| folder.join("quorate"))
}

/// Which limits there are on how much a caller may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateLimiting {
    /// By address and by account
    On,
    /// By account alone, where a proxy in front limits addresses or does not tell them
    Accounts,
    /// No limits at all
    Off,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines of text, for people to read.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// The configuration in force. Not `Debug`: the database URL may hold a password.
#[derive(Clone)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Where a worker tells of its health, if anywhere.
    pub worker_listen: Option<SocketAddr>,
    /// Where clients reach this server, without a slash at the end.
    pub public_url: String,
    /// Who issues access tokens: the public URL where one is set, else a name that stays the same whatever is listened on.
    pub issuer: String,
    /// Folder of the database, the keys and the prepared packages.
    pub data_dir: PathBuf,
    /// The address of the database: `sqlite:FILE` or `postgres://…`.
    pub database_url: String,
    /// Folders of exercise packages.
    pub graders: Vec<PathBuf>,
    /// Folders of topics and questions.
    pub questions: Vec<PathBuf>,
    /// Gradings at once in `serve`.
    pub workers: usize,
    /// Where metrics and the details of readiness are told, if anywhere.
    pub operation_listen: Option<SocketAddr>,
    /// Networks of the reverse proxies that are believed when they say where a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// Which limits there are on how much a caller may ask for.
    pub rate_limits: RateLimiting,
    /// Names of the sandbox controls that the operator has waived: grading goes on if they are missing.
    pub waived_controls: Vec<String>,
    /// What is logged, as a filter of the `tracing` crate such as `info` or `quorate=debug`.
    pub log: String,
    /// How a line of the log looks.
    pub log_format: LogFormat,
    /// Where to send traces by OTLP over HTTP, if anywhere.
    pub otlp_endpoint: Option<String>,
}

impl Config {
    /// Gradings at once in a process that is there to grade.
    #[must_use]
    pub fn gradings_at_once(&self) -> usize {
        if self.workers == 0 { cores() } else { self.workers }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("failed to read the configuration {}: {cause}", path.display())]
    Read {
        /// The path that the settings name.
        path: PathBuf,
        /// Why it can't be read. It's part of the message, so it isn't a source.
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("failed to understand the configuration {}: {cause}", path.display())]
    Parse {
        /// The path that the settings name.
        path: PathBuf,
        /// Where the mistake is, and what it is. It's part of the message, so it isn't a source.
        cause: Box<toml::de::Error>,
    },
}

impl Settings {
    /// The configuration in force: these settings (flags and variables) over the file that they name, over defaults.
    ///
    /// # Errors
    /// [`Error::Read`] when the file can't be read, [`Error::Parse`] when it is no TOML or has a setting that isn't known.
    pub fn resolve(self) -> Result<Config, Error> {
        let file = match &self.config {
            Some(path) => read_file(path)?,
            None => Self::default(),
        };
        Ok(self.over(file).with_defaults())
    }

    fn over(self, below: Self) -> Self {
        Self {
            config: self.config,
            listen: self.listen.or(below.listen),
            public_url: self.public_url.or(below.public_url),
            data_dir: self.data_dir.or(below.data_dir),
            database_url: self.database_url.or(below.database_url),
            graders: self.graders.or(below.graders),
            questions: self.questions.or(below.questions),
            workers: self.workers.or(below.workers),
            operation_listen: self.operation_listen.or(below.operation_listen),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            rate_limits: self.rate_limits.or(below.rate_limits),
            waived_controls: self.waived_controls.or(below.waived_controls),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
            otlp_endpoint: self.otlp_endpoint.or(below.otlp_endpoint),
        }
    }

    fn with_defaults(self) -> Config {
        let listen = self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let data_dir = self.data_dir.unwrap_or_else(|| "data".into());
        let public_url = self.public_url.map(|url| url.trim_end_matches('/').to_owned());
        Config {
            listen,
            worker_listen: self.listen,
            issuer: public_url.clone().unwrap_or_else(|| ISSUER.to_owned()),
            public_url: public_url.unwrap_or_else(|| format!("http://{listen}")),
            database_url: self
                .database_url
                .unwrap_or_else(|| format!("sqlite:{}", data_dir.join("quorate.db").display())),
            data_dir,
            graders: self.graders.unwrap_or_else(|| vec!["graders".into()]),
            questions: self.questions.unwrap_or_else(|| vec!["questions".into()]),
            workers: self.workers.unwrap_or_else(cores),
            operation_listen: self.operation_listen,
            trusted_proxies: self.trusted_proxies.unwrap_or_default(),
            rate_limits: self.rate_limits.unwrap_or(RateLimiting::On),
            waived_controls: self.waived_controls.unwrap_or_default(),
            log: self.log.unwrap_or_else(|| "info,actix_server=warn".to_owned()),
            log_format: self.log_format.unwrap_or(LogFormat::Text),
            otlp_endpoint: self.otlp_endpoint,
        }
    }
}

fn read_file(path: &Path) -> Result<Settings, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
    toml::from_str(&text).map_err(|cause| Error::Parse { path: path.to_owned(), cause: Box::new(cause) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quorate.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\nworkers = 3\n").unwrap();
        let flags = Settings { config: Some(file), workers: Some(5), ..Settings::default() };
        let config = flags.resolve().ok().unwrap();
        assert_eq!((config.listen.port(), config.workers), (1, 5));
        assert_eq!((config.public_url.as_str(), config.issuer.as_str()), ("http://127.0.0.1:1", "quorate"));
        assert_eq!(config.database_url, "sqlite:data/quorate.db");
    }

    #[test]
    fn the_public_url_issues_tokens() {
        let settings = Settings { public_url: Some("https://quorate.test/".to_owned()), ..Settings::default() };
        let config = settings.resolve().ok().unwrap();
        assert_eq!(config.issuer, "https://quorate.test");
        assert_eq!(config.public_url, config.issuer);
    }

    #[test]
    fn a_mistake_in_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quorate.toml");
        std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let error = Settings { config: Some(file), ..Settings::default() }.resolve().err().unwrap();
        assert!(error.to_string().contains("lisen"), "{error}");
    }
}
