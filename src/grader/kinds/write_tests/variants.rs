//! The implementations of a package of kind *write tests*, compiled when it is prepared.
//!
//! Rust gives a function another symbol in every crate. So the interface is compiled as a crate of its own, of which only the
//! metadata is kept; each implementation as another; and a stub for each function of the interface jumps to the function of
//! the same path in the implementation whose number the runner has set. What makes that sound is what [`lint`] asks for: the
//! types that tests can name are the same in all implementations, hold nothing private but behind `dyn`, and the functions
//! are compiled in the crate itself (not generic, not inlined).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use object::{Object, ObjectSymbol, SymbolKind};

use super::lint;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::link::without_code;
use crate::grader::package::{Package, Variant};
use crate::grader::prepared::Prepared;
use crate::grader::rustc::Rustc;
use crate::grader::toolchain::read_only;
use crate::grader::tools::{TOOL_DISK_BYTES, run_to_prepare};
use crate::grader::tree;
use crate::sandbox::{End, Mount};

/// The interface, as a library without code, in `variants/` of a prepared package.
pub(super) const INTERFACE: &str = "interface.rlib";
/// The stubs, there too. The implementations are `v0.o` (the starter's) and on.
pub(super) const STUBS: &str = "stubs.o";

/// Compiles the implementations and the stubs into `variants/`.
pub(super) fn prepare(grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
    if !cfg!(target_arch = "x86_64") {
        return Err(Error::prepare(&prepared.package, "packages of kind write_tests are graded on x86-64 only", b""));
    }
    let package = prepared.package.clone();
    let starter = sources(&package, None)?;
    let folder = prepared.path("variants");
    fs::create_dir_all(&folder).map_err(Error::file("make", &folder))?;
    let interface = compile(grader, prepared, &starter, "interface")?;
    write(&folder.join(INTERFACE), &without_code(&interface.metadata))?;
    let wanted = functions(&package, "the starter", &interface.object)?;
    let variants = package.variants();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (index, variant) in std::iter::once(None).chain(variants.iter().map(Some)).enumerate() {
        let sources = sources(&package, variant)?;
        let name = variant.map_or_else(|| "the starter".to_owned(), Variant::full);
        let compiled = compile(grader, prepared, &sources, &format!("v{index}"))?;
        write(&folder.join(format!("v{index}.o")), &compiled.object)?;
        let has = functions(&package, &name, &compiled.object)?;
        for path in wanted.keys() {
            if let Some(symbol) = has.get(path) {
                tables.entry(path.clone()).or_default().push(symbol.clone());
            }
        }
    }
    // What only some have is private to them.
    tables.retain(|_, symbols| symbols.len() == variants.len() + 1);
    let stubs = stubs(&wanted, &tables);
    let compiled = compile(grader, prepared, &BTreeMap::from([("src/lib.rs".to_owned(), stubs)]), "stubs")?;
    write(&folder.join(STUBS), &compiled.object)?;
    prepared.record.variants = variants;
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(Error::file("write", path))
}

type Sources = BTreeMap<String, String>;

/// The starter's sources with those of an implementation over them, if they fit together.
fn sources(package: &Package, variant: Option<&Variant>) -> Result<Sources, Error> {
    let read = |folder: &Path| tree::text_files(folder).map_err(Error::file("read", folder));
    let starter = package.folder.join("starter/src");
    let mut sources = read(&starter)?;
    if let Some(variant) = variant {
        let folder = package.folder.join(variant.folder());
        let own = read(&folder)?;
        if let Some(lib) = own.get("lib.rs").filter(|lib| Some(*lib) != sources.get("lib.rs")) {
            let reason = format!("{}: lib.rs is the interface, and the same for all: leave it out", variant.full());
            return Err(Error::prepare(package, &reason, lib.lines().next().unwrap_or_default().as_bytes()));
        }
        sources.extend(own);
    }
    check_interface(package, &sources)?;
    Ok(sources.into_iter().map(|(path, text)| (format!("src/{path}"), text)).collect())
}

/// What must hold of the interface for its implementations to be exchanged under compiled tests.
fn check_interface(package: &Package, sources: &Sources) -> Result<(), Error> {
    let lib = sources.get("lib.rs").map(String::as_str).unwrap_or_default();
    let mistakes = lint::mistakes(lib);
    if mistakes.is_empty() {
        return Ok(());
    }
    let reason = "starter/src/lib.rs cannot be the interface of exchangeable implementations";
    Err(Error::prepare(package, reason, mistakes.join("\n").as_bytes()))
}

struct Compiled {
    metadata: Vec<u8>,
    object: Vec<u8>,
}

/// Compiles one crate, under the package's name and with symbols of its own, in a jail.
fn compile(grader: &Grader, prepared: &Prepared, sources: &Sources, symbols: &str) -> Result<Compiled, Error> {
    let dir = grader.mem_dir()?;
    let in_tree = |name: &str| Error::file("write to the sandbox", Path::new(name));
    for (path, text) in sources {
        dir.write(format!("crate/{path}"), text.as_bytes()).map_err(in_tree(path))?;
    }
    dir.make_folder("out").map_err(in_tree("out"))?;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend([
        read_only(dir.path("crate"), "/crate"),
        read_only(prepared.path("target"), "/target"),
        Mount::Scratch { from: dir.path("out"), to: "/out".into() },
    ]);
    let package = &prepared.package;
    let rustc = Rustc::new("src/lib.rs", &package.crate_name(), package.edition())
        .flags([
            "--crate-type=lib",
            "--emit=metadata,obj",
            "--out-dir=/out",
            "-Copt-level=0",
            "-Cdebuginfo=0",
            "-Ccodegen-units=1",
            "-Csymbol-mangling-version=v0",
            "-Zshare-generics=no",
            "--cap-lints=allow",
        ])
        .flags([format!("-Cmetadata={symbols}")])
        .dependencies(&prepared.record)
        .unstable();
    let outcome = run_to_prepare(grader, prepared, &mounts, &rustc.in_folder("/crate"))?;
    if outcome.end != End::Exited(0) {
        return Err(Error::prepare(
            package,
            &format!("an implementation ({symbols}) does not compile"),
            &outcome.stderr,
        ));
    }
    let name = package.crate_name();
    let collect = |file: String| dir.collect(format!("out/{file}"), TOOL_DISK_BYTES).map_err(in_tree(&file));
    Ok(Compiled { metadata: collect(format!("lib{name}.rmeta"))?, object: collect(format!("{name}.o"))? })
}

/// The functions that an object offers, by their paths in Rust. A path that is there twice is nobody's.
fn functions(package: &Package, name: &str, object: &[u8]) -> Result<BTreeMap<String, String>, Error> {
    let unreadable = |error: object::Error| Error::prepare(package, name, format!("unreadable: {error}").as_bytes());
    let file = object::File::parse(object).map_err(unreadable)?;
    let mut functions = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for symbol in file.symbols() {
        let offered = symbol.is_global() && symbol.is_definition() && symbol.kind() == SymbolKind::Text;
        let Some(symbol) = symbol.name().ok().filter(|_| offered) else { continue };
        let path = format!("{:#}", rustc_demangle::demangle(symbol));
        if functions.insert(path.clone(), symbol.to_owned()).is_some() {
            twice.insert(path);
        }
    }
    functions.retain(|path, _| !twice.contains(path));
    Ok(functions)
}

/// A crate of jumps: each function of the interface to that of the chosen implementation. The two registers are those that a
/// call may always change.
fn stubs(interface: &BTreeMap<String, String>, tables: &BTreeMap<String, Vec<String>>) -> String {
    let mut assembly = String::new();
    for (number, (path, symbols)) in tables.iter().enumerate() {
        let Some(symbol) = interface.get(path) else { continue };
        let entries: String = symbols.iter().map(|symbol| format!(".quad {symbol}\n")).collect();
        assembly.push_str(&format!(
            ".section .text.{symbol},\"ax\",@progbits\n.globl {symbol}\n.type {symbol},@function\n{symbol}:\n\
             mov r11d, dword ptr [rip + QUORATE_VARIANT]\nlea r10, [rip + .Ltable{number}]\njmp qword ptr [r10 + r11*8]\n\
             .size {symbol}, . - {symbol}\n\
             .section .data.rel.ro.{symbol},\"aw\",@progbits\n.p2align 3\n.Ltable{number}:\n{entries}"
        ));
    }
    assembly.push_str(".text\n");
    format!("#![no_std]\ncore::arch::global_asm!(r####\"\n{assembly}\"####);\n")
}
