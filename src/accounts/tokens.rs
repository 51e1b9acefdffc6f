//! Access tokens: JWTs (RFC 7519) signed with EdDSA (RFC 8037), and the key that signs them.
//!
//! The key is made at the first start and kept in `keys/` of the data directory, readable by its owner alone. Every file
//! `*.pem` there verifies; the one with the last name signs. To rotate, start with a second file beside the first. The first
//! can go a token's lifetime later; it is worth keeping for longer, since it also recognises the browsers and the used refresh
//! tokens that it marked.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::clock::Timestamp;
use crate::id::{SessionId, UserId};

/// How long an access token is good for.
pub(super) const ACCESS_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// For whom the tokens are.
const AUDIENCE: &str = "quorate";
/// Longest token that is looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 2048;

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder of keys can't be read or made.
    #[error("failed to use the key {}: {cause}", path.display())]
    File {
        /// The file or the folder.
        path: PathBuf,
        /// Why it can't be used. It's part of the message, so it isn't a source.
        cause: std::io::Error,
    },
    /// The file of a key can be read by others than its owner.
    #[error("the key {} can be read by others: run chmod 600 on it", .0.display())]
    Exposed(PathBuf),
    /// The file holds something else than a key of ours.
    #[error("{} is no Ed25519 private key in PKCS #8 PEM", .0.display())]
    NotAKey(PathBuf),
    /// The machine has no randomness, or the library that writes keys refused.
    #[error("failed to make a key: {0}")]
    Make(String),
}

/// For whom an access token speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// The person who signed in.
    pub user: UserId,
    /// The sign-in that the token came from; `None` for one that was made before tokens named it.
    pub session: Option<SessionId>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: Option<SessionId>,
    iat: i64,
    exp: i64,
}

/// The keys that sign and verify.
pub struct Keys {
    issuer: String,
    signing: EncodingKey,
    header: Header,
    verifying: Vec<(String, DecodingKey)>,
    published: JwkSet,
    validation: Validation,
    /// For what this service alone can make and recognise, with the key that signs behind it.
    secret: Secret,
    /// The same with the other keys behind them: what they made is still recognised.
    older_secrets: Vec<Secret>,
}

type Secret = [u8; 32];

impl Keys {
    /// Reads the keys in `folder`, or makes the first.
    ///
    /// # Errors
    /// When a key can't be read, is open to others, or is none.
    pub fn load_or_make(folder: &Path, issuer: &str) -> Result<Self, KeyError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|cause| KeyError::File { path: folder.into(), cause })?;
        let mut files = key_files(folder)?;
        if files.is_empty() {
            let first = folder.join("ed25519-1.pem");
            make(&first)?;
            files.push(first);
        }
        Self::from_files(&files, issuer)
    }

    fn from_files(files: &[PathBuf], issuer: &str) -> Result<Self, KeyError> {
        let mut signing = None;
        let mut older_secrets = Vec::new();
        let mut verifying = Vec::new();
        let mut published = JwkSet { keys: Vec::new() };
        for path in files {
            let Read { encoding, kid, decoding, jwk, secret } = read(path)?;
            let mut header = Header::new(Algorithm::EdDSA);
            header.kid = Some(kid.clone());
            let before = signing.replace((encoding, header, secret));
            older_secrets.extend(before.map(|(_, _, secret)| secret));
            verifying.push((kid, decoding));
            published.keys.push(jwk);
        }
        let (signing, header, secret) = signing.ok_or_else(|| KeyError::Make("no key file".into()))?;
        Ok(Self {
            issuer: issuer.to_owned(),
            signing,
            header,
            verifying,
            published,
            validation: validation(issuer),
            secret,
            older_secrets,
        })
    }

    /// An access token for a person who signed in by `session`.
    pub(super) fn sign(&self, user: UserId, session: SessionId, now: Timestamp) -> Result<String, crate::error::Error> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: Some(session),
            iat: now.as_seconds(),
            exp: (now + ACCESS_LIFETIME).as_seconds(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing)
            .map_err(|error| crate::error::Error::internal("sign a token", error))
    }

    /// For whom an access token speaks, if it is ours and still good.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<SignedIn> {
        if token.len() > TOKEN_MAX_BYTES {
            return None;
        }
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (_, key) = self.verifying.iter().find(|(known, _)| *known == kid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        (claims.exp > now.as_seconds()).then_some(SignedIn { user: claims.sub, session: claims.sid })
    }

    /// What only the holder of the signing key can compute of a text, as 43 characters. `purpose` keeps the uses apart.
    pub(super) fn code(&self, purpose: &str, text: &str) -> String {
        code(&self.secret, purpose, text)
    }

    /// The same code made with each of the other keys.
    pub(super) fn older_codes(&self, purpose: &str, text: &str) -> Vec<String> {
        self.older_secrets.iter().map(|secret| code(secret, purpose, text)).collect()
    }

    /// Whether `shown` is the code that this service makes, or made with one of its other keys, of a text for a purpose.
    pub(super) fn is_code(&self, shown: &str, purpose: &str, text: &str) -> bool {
        let is_made_by = |secret| bool::from(code(secret, purpose, text).as_bytes().ct_eq(shown.as_bytes()));
        std::iter::once(&self.secret).chain(&self.older_secrets).any(is_made_by)
    }

    /// The public keys that verify access tokens, as a JSON Web Key Set (RFC 7517).
    #[must_use]
    pub const fn published(&self) -> &JwkSet {
        &self.published
    }
}

/// The secret goes in twice, so that nobody can lengthen a text whose code they know.
fn code(secret: &Secret, purpose: &str, text: &str) -> String {
    let begin = || Sha256::new().chain_update(secret);
    let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_le_bytes();
    let inner = begin().chain_update(length).chain_update(purpose).chain_update(text).finalize();
    URL_SAFE_NO_PAD.encode(begin().chain_update(inner).finalize())
}

fn validation(issuer: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Looked at in `verify`, by our own clock.
    validation.validate_exp = false;
    validation
}

fn key_files(folder: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let at = |cause| KeyError::File { path: folder.into(), cause };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Written under another name first, so that a crash leaves no half a key; `create_new` and a link, so that of two
/// processes that start at once both use the same one.
fn make(path: &Path) -> Result<(), KeyError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| KeyError::Make(error.to_string()))?;
    let pem = SigningKey::from_bytes(&secret)
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| KeyError::Make(error.to_string()))?;
    let temporary = path.with_extension(format!("{}.tmp", uuid::Uuid::now_v7().simple()));
    let at = |cause| KeyError::File { path: path.into(), cause };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).map_err(at)?;
    file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(at)?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary).map_err(at)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(at(error)),
        _ => Ok(()),
    }
}

/// A key as it was read from its file.
struct Read {
    encoding: EncodingKey,
    kid: String,
    decoding: DecodingKey,
    jwk: Jwk,
    secret: Secret,
}

fn read(path: &Path) -> Result<Read, KeyError> {
    let at = |cause| KeyError::File { path: path.into(), cause };
    if fs::metadata(path).map_err(at)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed(path.into()));
    }
    let pem = fs::read_to_string(path).map_err(at)?;
    let not_a_key = || KeyError::NotAKey(path.into());
    let private = SigningKey::from_pkcs8_pem(&pem).map_err(|_| not_a_key())?;
    // The public half is left out of the DER: some readers know only the older form.
    let der = ed25519_dalek::pkcs8::KeypairBytes { secret_key: private.to_bytes(), public_key: None }
        .to_pkcs8_der()
        .map_err(|_| not_a_key())?;
    let encoding = EncodingKey::from_ed_der(der.as_bytes());
    let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(|_| not_a_key())?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| not_a_key())?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| not_a_key())?;
    let secret = Sha256::new().chain_update(b"quorate codes\0").chain_update(private.to_bytes()).finalize().into();
    Ok(Read { encoding, kid, decoding, jwk, secret })
}
