//! Access tokens and the keys behind them: what is taken for a token of ours, and who may read a key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quorate::accounts::{KeyError, Keys};
use quorate::config::RateLimiting;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{Ask as _, Backend, Client, Database, PASSWORD, Person, TestApp, for_each_database};

for_each_database![
    only_our_tokens_are_taken,
    the_published_keys_verify_our_tokens,
    a_token_outlives_the_change_of_the_key_that_signs,
    a_restart_on_another_port_signs_nobody_out,
    a_refresh_token_and_a_known_browser_outlive_the_change_of_the_key_that_signs,
];

/// A token taken apart, to be put together in another way.
#[derive(Clone)]
struct Parts {
    header: Value,
    claims: Value,
}

impl Parts {
    fn of(token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Self { header: read(parts[0]), claims: read(parts[1]) }
    }

    fn header(&self, name: &str, value: Value) -> Self {
        let mut changed = self.clone();
        changed.header[name] = value;
        changed
    }

    fn claim(&self, name: &str, value: Value) -> Self {
        let mut changed = self.clone();
        changed.claims[name] = value;
        changed
    }

    fn unsigned(&self) -> String {
        let write = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", write(&self.header), write(&self.claims))
    }

    fn signed(&self, key: &SigningKey) -> String {
        let text = self.unsigned();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes()))
    }
}

fn key_file(app: &TestApp) -> PathBuf {
    app.config.data_dir.join("keys/ed25519-1.pem")
}

async fn only_our_tokens_are_taken(app: TestApp) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let ours = SigningKey::from_pkcs8_pem(&fs::read_to_string(key_file(&app)).unwrap()).unwrap();
    let theirs = SigningKey::from_bytes(&[7; 32]);
    let good = Parts::of(&ada.access_token);
    let takes = async |token: String| ada.with_token(&token).get("/api/v1/me").await;
    takes(good.signed(&ours)).await.ok(200);

    let refused = [
        ("a word", "token".to_owned()),
        ("three parts of nothing", "..".to_owned()),
        ("no signature", format!("{}.", good.unsigned())),
        ("another's claims", swap_claims(&ada, &bob)),
        ("a changed claim", resign(&good.claim("sub", json!(bob.id)), &ada.access_token)),
        ("no algorithm", format!("{}.", good.header("alg", json!("none")).unsigned())),
        ("no algorithm, signed", good.header("alg", json!("none")).signed(&ours)),
        ("the public key as a secret", with_public_key_as_secret(&good, &ours)),
        ("another key under our name", good.signed(&theirs)),
        ("our key under another name", good.header("kid", json!("another")).signed(&ours)),
        ("a key of no name", good.header("kid", Value::Null).signed(&ours)),
        ("another issuer", good.claim("iss", json!("https://evil.example")).signed(&ours)),
        ("another audience", good.claim("aud", json!("another")).signed(&ours)),
        ("nobody", good.claim("sub", json!("usr_")).signed(&ours)),
        ("another kind of id", good.claim("sub", json!(ada.id.replace("usr", "tea"))).signed(&ours)),
        ("past its end", good.claim("exp", json!(app.clock.now().as_seconds())).signed(&ours)),
        ("no end", good.claim("exp", Value::Null).signed(&ours)),
        ("far too long", good.claim("more", json!("x".repeat(4000))).signed(&ours)),
    ];
    for (what, token) in refused {
        let answer = takes(token).await;
        assert_eq!(answer.status, 401, "{what} is taken: {}", answer.text());
        answer.refused(401, "invalid_token");
    }
    for scheme in ["Basic", "bearer2", ""] {
        let authorization = format!("{scheme} {}", ada.access_token);
        let request =
            app.anonymous().request(reqwest::Method::GET, "/api/v1/me").header("authorization", authorization);
        assert_eq!(request.send().await.unwrap().status(), 401, "{scheme}");
    }
}

/// The head and signature of one token around the claims of another.
fn swap_claims(one: &Person, other: &Person) -> String {
    let (one, other): (Vec<_>, Vec<_>) =
        (one.access_token.split('.').collect(), other.access_token.split('.').collect());
    [one[0], other[1], one[2]].join(".")
}

/// Changed parts with the signature that was made for the unchanged.
fn resign(parts: &Parts, token: &str) -> String {
    format!("{}.{}", parts.unsigned(), token.rsplit('.').next().unwrap())
}

/// Some libraries once took a public key for the secret of HS256 when the token said so.
fn with_public_key_as_secret(parts: &Parts, key: &SigningKey) -> String {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = parts.header["kid"].as_str().map(str::to_owned);
    let secret = EncodingKey::from_secret(key.verifying_key().as_bytes());
    jsonwebtoken::encode(&header, &parts.claims, &secret).unwrap()
}

async fn the_published_keys_verify_our_tokens(app: TestApp) {
    let ada = app.person("Ada").await;
    let published = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(published.header("cache-control"), "public, max-age=300");
    let keys: JwkSet = serde_json::from_value(published.ok(200)).unwrap();
    let private = fs::read_to_string(key_file(&app)).unwrap();
    assert!(published.ok(200)["keys"][0].get("d").is_none() && !private.is_empty());

    let header = jsonwebtoken::decode_header(&ada.access_token).unwrap();
    let key = keys.find(&header.kid.unwrap()).expect("the key of the token is published");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["quorate"]);
    validation.set_issuer(&[&app.config.issuer]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(&ada.access_token, &DecodingKey::from_jwk(key).unwrap(), &validation);
    assert_eq!(claims.unwrap().claims["sub"], json!(ada.id));
}

async fn a_token_outlives_the_change_of_the_key_that_signs(app: TestApp) {
    let ada = app.person("Ada").await;
    let (folder, elsewhere) = (app.config.data_dir.join("keys"), tempdir().unwrap());
    Keys::load_or_make(elsewhere.path(), ISSUER).unwrap();
    fs::copy(elsewhere.path().join("ed25519-1.pem"), folder.join("ed25519-2.pem")).unwrap();

    let changed = Keys::load_or_make(&folder, &app.config.issuer).unwrap();
    assert_eq!(changed.published().keys.len(), 2);
    let verified = changed.verify(&ada.access_token, app.clock.now()).expect("the first key still verifies");
    assert_eq!(verified.user.to_string(), ada.id);
    fs::remove_file(folder.join("ed25519-1.pem")).unwrap();
    let changed = Keys::load_or_make(&folder, &app.config.issuer).unwrap();
    assert_eq!(changed.verify(&ada.access_token, app.clock.now()), None);
}

/// The service started again over the same data, on another port.
fn restarted(app: &TestApp, backend: Backend) -> TestApp {
    TestApp::with(Database::empty(backend), |settings| {
        settings.database_url = Some(app.config.database_url.clone());
        settings.data_dir = Some(app.config.data_dir.clone());
        settings.rate_limits = Some(app.config.rate_limits);
    })
}

async fn a_restart_on_another_port_signs_nobody_out(database: Database) {
    let backend = database.backend();
    let app = TestApp::with(database, |_| ());
    let ada = app.person("Ada").await;
    let again = restarted(&app, backend);
    assert_ne!(app.config.listen, again.config.listen);
    let request = again.anonymous().request(reqwest::Method::GET, "/api/v1/me").bearer_auth(&ada.access_token);
    request.answer().await.ok(200);
}

async fn a_refresh_token_and_a_known_browser_outlive_the_change_of_the_key_that_signs(database: Database) {
    let backend = database.backend();
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    let ada = app.person("Ada").await;
    let registered = app.anonymous().request(reqwest::Method::POST, "/register");
    let form = [("email", "bob@example.org"), ("password", PASSWORD), ("display_name", "Bob")];
    let registered = registered.form(&form).answer().await;
    let cookies = registered.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let device = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.contains("device"));
    let elsewhere = tempdir().unwrap();
    Keys::load_or_make(elsewhere.path(), ISSUER).unwrap();
    fs::copy(elsewhere.path().join("ed25519-1.pem"), app.config.data_dir.join("keys/ed25519-2.pem")).unwrap();

    let again = restarted(&app, backend);
    let refresh =
        async |token: &Value| again.anonymous().post("/api/v1/auth/refresh", json!({"refresh_token": token})).await;
    let next = refresh(&json!(ada.refresh_token)).await.ok(200);
    refresh(&next["refresh_token"]).await.ok(200);
    // The first is still known for one that was real, although another key made it.
    refresh(&json!(ada.refresh_token)).await.refused(401, "invalid_refresh_token");
    let sessions = ada.with_token(next["access_token"].as_str().unwrap());
    let sessions =
        again.anonymous().request(reqwest::Method::GET, "/api/v1/me/sessions").bearer_auth(sessions.access_token);
    assert_eq!(sessions.answer().await.ok(200)["items"], json!([]));

    let log_in = async |password: &str, cookie: &str| {
        let form = [("email", "bob@example.org"), ("password", password)];
        let request = again.anonymous().request(reqwest::Method::POST, "/login").header("cookie", cookie);
        request.form(&form).answer().await.status
    };
    while log_in("a guess", "").await != 429 {}
    assert_eq!(log_in(PASSWORD, device.unwrap()).await, 303);
}

const ISSUER: &str = "http://quorate.test";

fn keys(folder: &Path) -> Result<Keys, KeyError> {
    Keys::load_or_make(folder, ISSUER)
}

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let data = tempdir().unwrap();
    let folder = data.path().join("keys");
    let first = keys(&folder).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = folder.join("ed25519-1.pem");
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(keys(&folder).unwrap().published(), first.published());
}

#[test]
fn of_many_servers_that_start_at_once_all_have_the_same_key() {
    let data = tempdir().unwrap();
    let made: Vec<_> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..8).map(|_| scope.spawn(|| keys(data.path()).unwrap())).collect();
        starting.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(made.iter().all(|keys| keys.published() == made[0].published()));
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "nothing half made is left");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let data = tempdir().unwrap();
    keys(data.path()).unwrap();
    let file = data.path().join("ed25519-1.pem");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let error = keys(data.path()).err().expect("the key is exposed");
    assert!(matches!(error, KeyError::Exposed(_)), "{error}");
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn what_is_no_key_is_named() {
    let data = tempdir().unwrap();
    let file = data.path().join("mine.pem");
    fs::write(&file, "not a key").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = keys(data.path()).err().expect("that is no key").to_string();
    assert!(error.contains("mine.pem"), "{error}");
}
