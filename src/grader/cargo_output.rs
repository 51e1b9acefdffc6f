//! How cargo compiles a crate, from what it prints.

/// The arguments with which cargo compiled crate `name`, from what `cargo --verbose` prints.
pub(super) fn arguments_of_rustc(said: &str, name: &str) -> Vec<String> {
    let marker = format!("--crate-name {name} ");
    let line = said.lines().find(|line| line.contains("Running `") && line.contains(&marker)).unwrap_or_default();
    // In the quotes of a shell: `--check-cfg 'cfg(docsrs,test)'` is two words.
    shlex::split(line.trim_end_matches('`')).unwrap_or_default()
}

/// The values of a flag that stand behind it.
pub(super) fn values(arguments: &[String], flag: &str) -> Vec<String> {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    pairs.filter(|(key, _)| *key == flag).map(|(_, value)| value.clone()).collect()
}

/// Of cargo's arguments, those that say how a library is compiled, and not what is read, written or printed.
pub(super) fn library_flags(arguments: &[String]) -> Vec<String> {
    let how = ["--crate-type", "--cfg", "--check-cfg", "-C"];
    let named = how.into_iter().flat_map(|flag| values(arguments, flag).into_iter().map(move |value| (flag, value)));
    let named = named.filter(|(_, value)| !value.starts_with("extra-filename="));
    let joined = arguments.iter().filter(|argument| argument.starts_with("-C") && argument.len() > "-C".len());
    named.flat_map(|(flag, value)| [flag.to_owned(), value]).chain(joined.cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_compiled_with_the_flags_of_cargo() {
        let said = "   Compiling adder v0.1.0 (/crate)\n     Running `/toolchain/bin/rustc --crate-name adder --edition=2024 src/lib.rs \
            --error-format=json --json=artifacts --crate-type lib --emit=dep-info,metadata,link -C embed-bitcode=no \
            --cfg 'feature=\"default\"' --check-cfg 'cfg(docsrs,test)' --check-cfg 'cfg(feature, values(\"it'\\''s\"))' \
            -C metadata=97 -C extra-filename=-f5 --out-dir /target/debug/deps -L dependency=/target/debug/deps \
            --extern itoa=/target/debug/deps/libitoa-1.rmeta -L native=/target/x -Clinker=/usr/bin/cc`\n    Finished\n";
        let arguments = arguments_of_rustc(said, "adder");
        let flags = [
            ["--crate-type", "lib"],
            ["--cfg", "feature=\"default\""],
            ["--check-cfg", "cfg(docsrs,test)"],
            ["--check-cfg", "cfg(feature, values(\"it's\"))"],
            ["-C", "embed-bitcode=no"],
            ["-C", "metadata=97"],
        ];
        let flags: Vec<&str> = flags.iter().flatten().copied().chain(["-Clinker=/usr/bin/cc"]).collect();
        assert_eq!(library_flags(&arguments), flags);
        assert_eq!(values(&arguments, "--extern"), ["itoa=/target/debug/deps/libitoa-1.rmeta"]);
        assert_eq!(values(&arguments, "-L"), ["dependency=/target/debug/deps", "native=/target/x"]);
        assert!(library_flags(&arguments_of_rustc(said, "other")).is_empty());
    }
}
