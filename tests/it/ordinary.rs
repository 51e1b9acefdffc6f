//! quorate as an ordinary user: grades where control groups are delegated to the user, asks systemd for them where they are not,
//! and says what to do where that does not help.
//!
//! The tests start as root and become somebody else. Without root they fail, and `tests/run` says that it leaves them out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Shows the toolchain to everybody, delegates control groups if `$DELEGATE` says so, and goes on as nobody.
const BECOME_NOBODY: &str = r#"
set -e
mkdir toolchain
mount --bind "$(rustc --print sysroot)" toolchain
if [ "$DELEGATE" = yes ]; then
    if [ -d /sys/fs/cgroup/memory ]; then
        folders="/sys/fs/cgroup/memory /sys/fs/cgroup/pids /sys/fs/cgroup/cpuacct"
    else
        folders="/sys/fs/cgroup"
    fi
    for folder in $folders; do
        mkdir "$folder/$GROUP"
        chown nobody "$folder/$GROUP" "$folder/$GROUP"/cgroup.*
        [ ! -e "$folder/$GROUP/tasks" ] || chown nobody "$folder/$GROUP/tasks"
        echo $$ >"$folder/$GROUP/cgroup.procs"
    done
fi
exec setpriv --reuid=nobody --regid=nogroup --clear-groups \
    env -i HOME="$PWD/data" QUORATE_DATA_DIR="$PWD/data" PATH="$PWD/bin:$PWD/toolchain/bin:/usr/bin:/bin" \
    quorate grade ./adder ./adder/solution
"#;
/// Tells what it was asked, and starts the program that follows `--` where it is.
const SYSTEMD_RUN: &str =
    "#!/bin/sh\necho \"$@\" >>data/asked\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"\n";

/// A folder with all that an ordinary user needs.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(home.path(), 0o755);
    fs::create_dir(at("bin")).unwrap();
    fs::create_dir(at("data")).unwrap();
    open(&at("data"), 0o777);
    fs::copy(env!("CARGO_BIN_EXE_quorate"), at("bin/quorate")).unwrap();
    fs::write(at("bin/systemd-run"), SYSTEMD_RUN).unwrap();
    open(&at("bin/systemd-run"), 0o755);
    let copied = Command::new("cp").args(["-r", "tests/fixtures/packages/adder"]).arg(at("adder")).status();
    assert!(copied.unwrap().success());
    home
}

fn grade(home: &TempDir, delegate: &str, group: &str) -> Output {
    assert!(nix::unistd::geteuid().is_root(), "this test must start as root, so that it can become an ordinary user");
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-c", BECOME_NOBODY]).current_dir(home.path());
    command.env("DELEGATE", delegate).env("GROUP", group).output().unwrap()
}

#[test]
fn grades_in_a_delegated_group() {
    let group = format!("quorate-test-{}", std::process::id());
    let output = grade(&home(), "yes", &group);
    for hierarchy in ["memory", "pids", "cpuacct", "."] {
        let _ = fs::remove_dir(Path::new("/sys/fs/cgroup").join(hierarchy).join(&group));
    }
    // 0 means accepted.
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn asks_for_a_scope_and_says_what_to_do_without() {
    let home = home();
    let output = grade(&home, "no", "");
    let asked = fs::read_to_string(home.path().join("data/asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert_eq!(asked.len(), 2, "a trial, and once for real: {asked:?}");
    assert!(asked[1].contains("--user --scope") && asked[1].contains("Delegate=yes"), "{asked:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("memory-limit") && said.contains("systemd-run --user --scope -p Delegate=yes"), "{said}");
}
