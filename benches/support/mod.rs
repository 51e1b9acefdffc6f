//! Servers as processes of their own, and a load of keep-alive connections that waits for each answer.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BARE: &str = "QUORATE_BENCH_BARE_BODY";

/// What a load came to.
pub struct Load {
    latencies: Vec<Duration>,
    took: Duration,
}

impl Load {
    pub fn new(latencies: Vec<Duration>, took: Duration) -> Self {
        Self { latencies, took }
    }

    pub fn sum(parts: Vec<Self>) -> Self {
        let mut latencies: Vec<_> = parts.iter().flat_map(|part| part.latencies.iter().copied()).collect();
        latencies.sort();
        Self { latencies, took: parts.iter().map(|part| part.took).sum() }
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies[place].as_secs_f64() * 1000.0
    }
}

/// A server that ends with its owner.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// This program again, as a bare actix-web server that returns `body`.
    pub fn bare(body: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .env(BARE, body)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a bare server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        Self { address: line.trim().parse().expect("an address"), child }
    }
}

/// Serves and never returns, if this process was started by [`Server::bare`].
pub fn bare_server_if_asked() -> bool {
    let Ok(body) = std::env::var(BARE) else { return false };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    actix_web::rt::System::new()
        .block_on(
            HttpServer::new(move || {
                let body = web::Bytes::from(body.clone());
                let handler = move || {
                    let body = body.clone();
                    async move { actix_web::HttpResponse::Ok().content_type("application/json").body(body) }
                };
                App::new().route("/{path:.*}", web::get().to(handler))
            })
            .listen(listener)
            .expect("a listener")
            .run(),
        )
        .expect("a server");
    true
}

/// The real binary, without rate limits and workers, on a database of its own.
pub struct Quorate {
    pub address: SocketAddr,
    pub ready_ms: u128,
    pub idle_mib: u64,
    server: Server,
    _data: tempfile::TempDir,
}

impl Quorate {
    /// Starts it twice, so that packages are prepared when it counts.
    pub fn start_with(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        drop(Self::start_in(&data, arguments));
        let (server, ready_ms) = Self::start_in(&data, arguments);
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).expect("its status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kib: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        Self { address: server.address, ready_ms, idle_mib: kib / 1024, server, _data: data }
    }

    fn start_in(data: &tempfile::TempDir, arguments: &[&str]) -> (Server, u128) {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["serve", "--rate-limits", "off", "--log", "warn"])
            .args(arguments)
            .args(["--listen", &port.to_string()])
            .arg("--data-dir")
            .arg(data.path())
            .spawn()
            .expect("quorate");
        let server = Server { address: port, child };
        while !ready(port) {
            assert!(began.elapsed() < Duration::from_secs(120), "quorate did not become ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        (server, began.elapsed().as_millis())
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.server.child.id()
    }

    pub async fn get(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n");
        self.call(&request).await
    }

    /// Registers a candidate and returns the access token.
    pub async fn register(&self) -> String {
        self.register_as("bench").await
    }

    /// Registers a candidate of this name.
    pub async fn register_as(&self, name: &str) -> String {
        let body = format!(r#"{{"email":"{name}@example.org","password":"a long password","display_name":"{name}"}}"#);
        let request = format!(
            "POST /api/v1/auth/register HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer: serde_json::Value = serde_json::from_str(&self.call(&request).await).expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Registers a candidate by the page, and returns the cookies of their session.
    pub async fn sign_in(&self, name: &str) -> String {
        let body = format!("email={name}%40example.org&password=a+long+password&display_name={name}");
        let request = format!(
            "POST /register HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.send(&request).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        let set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        set.collect::<Vec<_>>().join("; ")
    }

    /// Reads as somebody.
    pub async fn get_as(&self, token: &str, path: &str) -> String {
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        self.call(&head).await
    }

    /// Posts JSON as somebody; the status and the answer.
    pub async fn post(&self, token: &str, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.send(&head).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// Waits until submissions to an exercise are taken.
    pub async fn until_ready(&self, token: &str, exercise: &str) {
        let path = format!("/api/v1/exercises/{exercise}");
        let is_ready = |text: &str| {
            let exercise: serde_json::Value = serde_json::from_str(text).expect("JSON");
            exercise["availability"]["state"] == "ready"
        };
        while !is_ready(&self.get_as(token, &path).await) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Hands files in and returns the submission's id.
    pub async fn hand_in(&self, token: &str, exercise: &str, files: &BTreeMap<String, String>) -> String {
        let path = format!("/api/v1/exercises/{exercise}/submissions");
        let (status, submission) = self.post(token, &path, &serde_json::json!({ "files": files })).await;
        assert_eq!(status, 202, "{submission}");
        submission["id"].as_str().expect("an id").to_owned()
    }

    /// The submission, once it is finished.
    pub async fn finished(&self, token: &str, id: &str) -> serde_json::Value {
        loop {
            let text = self.get_as(token, &format!("/api/v1/submissions/{id}?wait=30")).await;
            let submission: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            if submission["state"] == "finished" {
                return submission;
            }
        }
    }

    async fn call(&self, request: &str) -> String {
        let answer = self.send(request).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
        body.to_owned()
    }

    async fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }
}

/// Seconds since 1970, of a time in an answer.
pub fn moment(value: &serde_json::Value) -> f64 {
    use time::format_description::well_known::Rfc3339;
    let text = value.as_str().expect("a time");
    let moment = time::OffsetDateTime::parse(text, &Rfc3339).expect("a time");
    moment.unix_timestamp_nanos() as f64 / 1e9
}

fn ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let request = b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    std::io::Write::write_all(&mut stream, request).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// Sends requests over keep-alive connections, each waiting for its answer, for a while.
pub async fn drive(
    address: SocketAddr,
    connections: usize,
    lasting: Duration,
    request: impl Fn(usize) -> String,
) -> Load {
    let began = Instant::now();
    let until = began + lasting;
    let clients = (0..connections).map(|index| client(address, request(index), until));
    let latencies = futures_util::future::join_all(clients).await.concat();
    Load::new(latencies, began.elapsed())
}

async fn client(address: SocketAddr, request: String, until: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut latencies = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while Instant::now() < until {
        let began = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("a request");
        read_answer(&mut stream, &mut buffer).await;
        latencies.push(began.elapsed());
    }
    latencies
}

/// Reads one answer to its end, as its Content-Length tells.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.expect("an answer");
        assert!(read > 0, "the server hung up");
        filled += read;
        if let Some(length) = answer_length(&buffer[..filled])
            && filled >= length
        {
            return;
        }
    }
}

fn answer_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("a head of ASCII");
    assert!(head.starts_with("HTTP/1.1 2"), "{head}");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().expect("a number"))
    });
    Some(end + 4 + length.expect("a length"))
}
