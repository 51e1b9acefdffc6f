//! The Rust toolchain of this machine, and what a jail needs of the machine to run it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::Error;
use crate::sandbox::{Cancel, End, Jailer, Mount, Outcome, Trusted};

/// Dynamic loaders by platform; the first that exists is this machine's.
const LOADERS: [&str; 5] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib64/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];
/// C compilers, which serve as drivers of the linker.
const LINKERS: [&str; 4] = ["/usr/bin/cc", "/usr/local/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"];
/// What a C compiler needs to link; no jail in which a candidate's code is compiled or run has them.
const SYSTEM: [&str; 5] = ["/usr", "/lib", "/lib64", "/lib32", "/bin"];

/// Variables by which cargo, when it starts us, would have a say in what our cargo does.
const FOREIGN: [&str; 6] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_TARGET_DIR", "RUSTC"];
/// Fetching dependencies over a slow line included.
const TRUSTED_WALL: Duration = Duration::from_secs(600);
const TRUSTED_OUTPUT_BYTES: u64 = 1 << 20;

/// Where the toolchain stands in a jail.
pub(super) const HOME: &str = "/toolchain";
/// Where the linker that rustc brings stands in a jail.
const LLD: &str = "/lld";

/// A toolchain and its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    sysroot: PathBuf,
    /// The compiler, as `rustc --version` prints it.
    pub version: String,
    /// The C compiler, by which rustc calls the linker.
    linker: PathBuf,
    /// The linker that rustc brings, on platforms where it does.
    lld: Option<PathBuf>,
    /// Shared libraries that `cargo` and `rustc` need.
    tool_libraries: Vec<PathBuf>,
    /// Shared libraries that any program linked by rustc may need.
    program_libraries: Vec<PathBuf>,
}

impl Toolchain {
    /// Finds the toolchain that `rustc` on the path belongs to.
    ///
    /// # Errors
    /// When there is none, or no C compiler.
    pub(crate) fn discover(jailer: &Jailer) -> Result<Self, Error> {
        let sysroot = PathBuf::from(answer(jailer, Path::new("rustc"), &["--print", "sysroot"])?.trim());
        let about = answer(jailer, &sysroot.join("bin/rustc"), &["-vV"])?;
        let version = about.lines().next().unwrap_or_default().to_owned();
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let lld = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
        let program_libraries = libraries(jailer, &sysroot.join("bin/cargo"))?;
        let mut tool_libraries = libraries(jailer, &sysroot.join("bin/rustc"))?;
        tool_libraries.extend(program_libraries.clone());
        tool_libraries.sort();
        tool_libraries.dedup();
        tool_libraries.retain(|path| !path.canonicalize().is_ok_and(|path| path.starts_with(&sysroot)));
        Ok(Self {
            lld: lld.is_file().then_some(lld),
            linker: linker()?,
            sysroot,
            version,
            tool_libraries,
            program_libraries,
        })
    }

    /// Mounts of a jail in which Rust is compiled but nothing linked.
    pub(super) fn compile_mounts(&self) -> Vec<Mount> {
        let mut mounts = vec![read_only(&self.sysroot, HOME), Mount::Devices, Mount::Temporary { to: "/tmp".into() }];
        mounts.extend(self.tool_libraries.iter().map(|path| read_only(path, path)));
        mounts
    }

    /// Mounts of a jail in which programs are linked: the machine's libraries and C compiler as well.
    pub(super) fn link_mounts(&self) -> Vec<Mount> {
        let mut mounts = vec![read_only(&self.sysroot, HOME), Mount::Devices, Mount::Temporary { to: "/tmp".into() }];
        mounts.extend(SYSTEM.iter().filter(|path| Path::new(path).exists()).map(|path| read_only(path, path)));
        mounts.extend(self.lld.iter().map(|lld| read_only(lld, Path::new(LLD).join("ld.lld"))));
        mounts
    }

    /// Mounts of a jail in which a linked program runs.
    pub(super) fn run_mounts(&self) -> Vec<Mount> {
        let libraries = self.program_libraries.iter().map(|path| read_only(path, path));
        libraries.chain([Mount::Temporary { to: "/tmp".into() }]).collect()
    }

    /// Flags by which `rustc` links in such a jail. Rustc's own way to its linker asks /proc who it is, which is not there.
    pub(super) fn link_flags(&self) -> Vec<String> {
        let mut flags = vec![format!("-Clinker={}", self.linker.display())];
        if self.lld.is_some() {
            flags.extend([
                "-Clinker-features=-lld".to_owned(),
                format!("-Clink-arg=-B{LLD}"),
                "-Clink-arg=-fuse-ld=lld".to_owned(),
            ]);
        }
        flags
    }

    /// The C compiler, which links.
    pub(super) fn linker(&self) -> &Path {
        &self.linker
    }

    /// The path of a tool in a jail.
    pub(super) fn tool(name: &str) -> PathBuf {
        Path::new(HOME).join("bin").join(name)
    }

    /// The path of a tool on this machine.
    pub(super) fn host_tool(&self, name: &str) -> PathBuf {
        self.sysroot.join("bin").join(name)
    }
}

/// The environment of a tool in a jail. The tools find their libraries by asking /proc who they are, which is not there.
pub(super) fn tool_environment() -> Vec<(String, String)> {
    [
        ("PATH", "/toolchain/bin:/usr/bin:/bin"),
        ("LD_LIBRARY_PATH", "/toolchain/lib"),
        ("HOME", "/tmp"),
        ("CARGO_HOME", "/cargo"),
        ("CARGO_TARGET_DIR", "/target"),
        ("CARGO_TERM_COLOR", "always"),
        ("RUSTC", "/toolchain/bin/rustc"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// `from` on the host, read-only at `to` in the jail.
pub(super) fn read_only(from: impl Into<PathBuf>, to: impl Into<PathBuf>) -> Mount {
    Mount::ReadOnly { from: from.into(), to: to.into() }
}

fn linker() -> Result<PathBuf, Error> {
    let found = LINKERS.iter().map(Path::new).find(|path| path.exists());
    found
        .and_then(|path| path.canonicalize().ok())
        .ok_or_else(|| Error::Toolchain(format!("no C compiler at {}", LINKERS.join(", "))))
}

/// The shared libraries of a program, as the dynamic loader itself finds them, with the loader.
fn libraries(jailer: &Jailer, program: &Path) -> Result<Vec<PathBuf>, Error> {
    let loader = LOADERS.iter().map(Path::new).find(|path| path.exists());
    let loader = loader.ok_or_else(|| Error::Toolchain(format!("no dynamic loader at {}", LOADERS.join(", "))))?;
    let listing = answer(jailer, loader, &["--list", &program.to_string_lossy()])?;
    let path = |line: &str| {
        let path = line.split_once("=>").map_or(line, |(_, path)| path).trim();
        path.split(" (").next().filter(|path| path.starts_with('/')).map(PathBuf::from)
    };
    Ok(listing.lines().filter_map(path).collect())
}

/// What a trusted program prints.
fn answer(jailer: &Jailer, program: &Path, arguments: &[&str]) -> Result<String, Error> {
    let outcome = run_trusted(jailer, program, arguments)?;
    if outcome.end != End::Exited(0) {
        let problem = String::from_utf8_lossy(&outcome.stderr).trim().to_owned();
        return Err(Error::Toolchain(format!("{} {}: {problem}", program.display(), arguments.join(" "))));
    }
    Ok(String::from_utf8_lossy(&outcome.stdout).into_owned())
}

/// Runs a tool of ours outside any jail: to ask it something, or to fetch dependencies.
pub(super) fn run_trusted(jailer: &Jailer, program: &Path, arguments: &[&str]) -> Result<Outcome, Error> {
    let trusted = Trusted {
        program: program.to_owned(),
        args: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        env: Vec::new(),
        without_env: FOREIGN.map(str::to_owned).to_vec(),
        cwd: "/".into(),
        wall: TRUSTED_WALL,
        output_bytes: TRUSTED_OUTPUT_BYTES,
    };
    Ok(jailer.run_trusted(&trusted, &Cancel::new()?)?)
}
