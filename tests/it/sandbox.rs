//! The sandbox through its front door: programs that misbehave in every way, and what must come of it.
//!
//! The programs are modes of the quorate binary (`src/sandbox/escape_probe.rs`), executed inside real jails.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use quorate::sandbox::{
    Cancel, Channel, Command, Control, End, Error, Jail, Jailer, Limit, Limits, MemDir, Mount, Outcome, Profile,
    Settings, Trusted, library_mounts,
};

const MIB: u64 = 1 << 20;

/// How far beyond its limit a program may get before it's stopped, however busy the machine is.
const LATE_MAX: Duration = Duration::from_secs(5);

fn settings() -> Settings {
    Settings::new(env!("CARGO_BIN_EXE_quorate"))
}

fn jailer() -> &'static Jailer {
    static JAILER: OnceLock<Jailer> = OnceLock::new();
    JAILER.get_or_init(|| Jailer::start(&settings()).unwrap())
}

fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(20),
        cpu: Duration::from_secs(10),
        memory_bytes: 128 * MIB,
        processes: 32,
        output_bytes: 64 * 1024,
        disk_bytes: MIB,
        inodes: 64,
    }
}

fn command(mode: &str) -> Command {
    Command {
        program: "/program".into(),
        args: vec!["__inside".into(), mode.into()],
        env: vec![("NAME".into(), "value".into())],
        cwd: "/".into(),
        profile: Profile::Program,
        channel: None,
    }
}

fn tool(mode: &str) -> Command {
    Command { profile: Profile::Tool, ..command(mode) }
}

fn mounts() -> Vec<Mount> {
    let mut mounts = library_mounts();
    mounts.push(Mount::ReadOnly { from: env!("CARGO_BIN_EXE_quorate").into(), to: "/program".into() });
    mounts.push(Mount::Temporary { to: "/tmp".into() });
    mounts
}

/// A jail with a folder in memory as its `/scratch`.
fn jail_with_scratch(jailer: &Jailer) -> (Jail, MemDir) {
    let dir = jailer.mem_dir(MIB, 64).unwrap();
    dir.make_folder("out").unwrap();
    let mut mounts = mounts();
    mounts.push(Mount::Scratch { from: dir.path("out"), to: "/scratch".into() });
    (jailer.jail(&mounts, &limits()).unwrap(), dir)
}

fn run_with(command: &Command, limits: &Limits) -> Outcome {
    jailer().run(&mounts(), command, limits).unwrap()
}

fn run(mode: &str) -> Outcome {
    run_with(&command(mode), &limits())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_control_holds_here() {
    let report = jailer().report();
    assert_eq!(report.missing.keys().filter(|control| control.is_mandatory()).count(), 0, "{report:?}");
}

#[test]
fn a_program_sees_its_jail_and_nothing_else() {
    let outcome = run("look");
    let mut seen: Vec<_> = text(&outcome.stdout).lines().collect();
    seen.retain(|line| !["/lib", "/lib64", "/usr", "/etc"].contains(line));
    seen.sort_unstable();
    assert_eq!(seen, ["/program", "/tmp", "NAME=value", "descriptor 0", "descriptor 1", "descriptor 2"]);
}

#[test]
fn the_way_a_program_ends_is_told() {
    assert_eq!(run("nothing").end, End::Exited(0));
    assert_eq!(run("exit-7").end, End::Exited(7));
    assert_eq!(run("abort").end, End::Signalled(libc::SIGABRT));
    // Without /proc the standard library does not know where the main thread's stack ends and cannot say more.
    assert_eq!(run("overflow-stack").end, End::Signalled(libc::SIGSEGV));
}

#[test]
fn memory_is_limited_whether_it_is_heap_or_files() {
    let small = Limits { memory_bytes: 16 * MIB, disk_bytes: 512 * MIB, ..limits() };
    for mode in ["eat-memory", "eat-files-in-memory"] {
        let outcome = run_with(&command(mode), &small);
        assert_eq!(outcome.end, End::Limit(Limit::Memory), "{mode}");
        assert!(outcome.usage.memory_peak_bytes <= 16 * MIB, "{mode}: {:?}", outcome.usage);
    }
    let enough = run("eat-memory");
    assert_eq!(enough.end, End::Exited(0));
    assert!((64 * MIB..80 * MIB).contains(&enough.usage.memory_peak_bytes), "{:?}", enough.usage);
}

#[test]
fn cpu_time_is_limited_and_counts_all_threads() {
    let short = Limits { cpu: Duration::from_millis(50), ..limits() };
    for mode in ["spin", "spin-threads"] {
        let outcome = run_with(&command(mode), &short);
        assert_eq!(outcome.end, End::Limit(Limit::Cpu), "{mode}");
        let used = outcome.usage.cpu;
        assert!(used > short.cpu && used < short.cpu + LATE_MAX, "{mode}: {used:?}");
    }
}

#[test]
fn real_time_is_limited_without_cpu_time() {
    let short = Limits { wall: Duration::from_millis(100), ..limits() };
    let outcome = run_with(&command("sleep"), &short);
    assert_eq!(outcome.end, End::Limit(Limit::Wall));
    let over = outcome.usage.wall.checked_sub(short.wall).unwrap();
    assert!(over < LATE_MAX, "{over:?}");
}

#[test]
fn output_is_limited_on_both_streams_and_kept_up_to_the_limit() {
    let outcome = run("flood");
    assert_eq!((outcome.end, outcome.stdout.len()), (End::Limit(Limit::Output), 64 * 1024));
    let outcome = run("flood-errors");
    assert_eq!((outcome.end, outcome.stderr.len()), (End::Limit(Limit::Output), 64 * 1024));
}

#[test]
fn processes_and_threads_are_limited() {
    assert_eq!(run("make-threads").end, End::Limit(Limit::Processes));
    assert_eq!(run_with(&tool("fork-bomb"), &limits()).end, End::Limit(Limit::Processes));
}

#[test]
fn disk_is_limited_in_bytes_and_files() {
    assert_eq!(run("fill-disk").end, End::Limit(Limit::Disk));
    assert_eq!(run("make-files").end, End::Limit(Limit::Disk));
}

#[test]
fn a_program_cannot_harm_the_process_that_minds_it() {
    let outcome = run("kill-everyone");
    assert_eq!((outcome.end, text(&outcome.stdout)), (End::Exited(0), "still here\n"));
}

#[test]
fn the_channel_is_separate_and_capped() {
    let input: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let channel = Channel { input: input.clone(), output_bytes: 300_000 };
    let outcome = run_with(&Command { channel: Some(channel), ..command("echo") }, &limits());
    assert_eq!((outcome.end, outcome.channel_overflow), (End::Exited(0), false));
    assert!(outcome.channel == input && outcome.stdout.is_empty());

    let channel = Channel { input: Vec::new(), output_bytes: 1000 };
    let outcome = run_with(&Command { channel: Some(channel), ..command("flood-channel") }, &limits());
    assert_eq!((outcome.end, outcome.channel_overflow), (End::Exited(0), true));
    assert_eq!(outcome.channel, [b'x'; 1000]);
}

#[test]
fn commands_of_a_jail_share_its_scratch_and_nothing_else() {
    let (jail, dir) = jail_with_scratch(jailer());
    // Each takes more than half of its own /tmp.
    for _ in 0..2 {
        assert_eq!(jail.run(&command("write-half"), &limits()).unwrap().end, End::Exited(0));
    }
    assert_eq!(jail.run(&command("leave-result"), &limits()).unwrap().end, End::Exited(0));
    assert_eq!(dir.collect("out/result", 10_000).unwrap(), [b'x'; 10_000]);
    assert_eq!(dir.collect("out/result", 9_999).unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
}

#[test]
fn what_a_program_leaves_is_collected_without_following_links() {
    let (jail, dir) = jail_with_scratch(jailer());
    jail.run(&command("leave-links"), &limits()).unwrap();
    assert_eq!(dir.list("out").unwrap(), ["folder", "result"]);
    for path in ["out/result", "out/folder/passwd", "out/../../etc/passwd", "/etc/passwd"] {
        assert!(dir.collect(path, MIB).is_err(), "{path}");
    }
    let mount = Mount::ReadOnly { from: dir.path("out/result"), to: "/stolen".into() };
    assert!(matches!(jailer().jail(&[mount], &limits()), Err(Error::Setup { .. })));
}

#[test]
fn what_may_only_be_executed_is_not_read() {
    let host = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(host.path(), "secret").unwrap();
    std::fs::set_permissions(host.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let dir = jailer().mem_dir(MIB, 64).unwrap();
    dir.write("secret", b"secret").unwrap();
    let read = |mount: Mount| {
        let mounts: Vec<_> = mounts().into_iter().chain([mount]).collect();
        jailer().run(&mounts, &command("read-secret"), &limits()).unwrap()
    };
    for from in [host.path().to_owned(), dir.path("secret")] {
        let open = read(Mount::ReadOnly { from: from.clone(), to: "/secret".into() });
        assert_eq!((open.end, text(&open.stdout)), (End::Exited(0), "secret"));
        let closed = read(Mount::ExecuteOnly { from, to: "/secret".into() });
        assert_eq!((closed.end, text(&closed.stdout)), (End::Exited(1), ""));
    }
    assert_eq!(std::fs::read_to_string(host.path()).unwrap(), "secret");
}

#[test]
fn nothing_outlives_a_run() {
    let (jail, dir) = jail_with_scratch(jailer());
    let since = Instant::now();
    assert_eq!(jail.run(&tool("survive"), &limits()).unwrap().end, End::Exited(0));
    // The survivor sleeps for an hour with the pipes open, so this alone says that it is gone.
    assert!(since.elapsed() < Duration::from_secs(60));
    assert_eq!(dir.list("out").unwrap(), ["lock"]);
}

#[test]
fn a_run_can_be_cancelled_from_another_thread() {
    let cancel = Cancel::new().unwrap();
    let jail = jailer().jail(&mounts(), &limits()).unwrap();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| jail.run_until(&command("sleep"), &limits(), &cancel));
        cancel.cancel();
        assert!(matches!(running.join().unwrap(), Err(Error::Cancelled)));
    });
}

#[test]
fn a_program_that_is_not_there_is_our_error() {
    let missing = Command { program: "/missing".into(), ..command("nothing") };
    let error = jailer().run(&mounts(), &missing, &limits()).unwrap_err();
    assert_eq!(error.to_string(), "executing /missing: No such file or directory (os error 2)");
    let nowhere = Mount::ReadOnly { from: "/no/such/folder".into(), to: "/data".into() };
    let error = jailer().jail(&[nowhere], &limits()).unwrap_err();
    assert_eq!(error.to_string(), "opening /no/such/folder: No such file or directory (os error 2)");
}

/// What a process has that it could forget to give back.
#[derive(Debug)]
struct Belongings {
    descriptors: usize,
    processes: usize,
    groups: usize,
    trees: usize,
}

impl Belongings {
    fn is_within(&self, other: &Self) -> bool {
        self.descriptors <= other.descriptors
            && self.processes <= other.processes
            && self.groups <= other.groups
            && self.trees <= other.trees
    }
}

/// Counts what the processes from `root` down have. A jail's end is noticed by the kernel a little later than by us.
fn belongings(root: u32) -> Belongings {
    let count = |path: String| std::fs::read_dir(path).map_or(0, Iterator::count);
    let processes = descendants(root);
    Belongings {
        descriptors: processes.iter().map(|process| count(format!("/proc/{process}/fd"))).sum(),
        processes: processes.len(),
        groups: groups_of(root).len(),
        trees: processes.iter().map(|process| trees(*process)).sum(),
    }
}

/// The folders in memory that a process has mounted.
fn trees(process: u32) -> usize {
    let mounts = std::fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
    mounts.lines().filter(|mount| mount.contains(" /proc/trees/")).count()
}

fn descendants(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        let mut fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        let (state, parent) = (fields.next().unwrap(), fields.next().unwrap());
        if parent == root.to_string() && state != "Z" {
            found.extend(descendants(process));
        }
    }
    found
}

/// The control groups that a server of this process number has made.
fn groups_of(server: u32) -> Vec<PathBuf> {
    let prefix = format!("{server}-");
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let path = entry.path();
                let ours = path.parent().unwrap().ends_with("quorate");
                if path.iter().any(|name| name.to_string_lossy().starts_with(&prefix)) || ours && found.contains(&path)
                {
                    found.push(path.clone());
                }
                folders.push(path);
            }
        }
    }
    found
}

/// Waits until something is so, for as long as a slow machine may take.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "{what} did not come true");
        std::thread::yield_now();
    }
}

/// Starts one of the tests that are ignored as a process of its own.
fn alone(name: &str) -> std::process::Command {
    let mut test = std::process::Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", &format!("sandbox::{name}"), "--ignored", "--nocapture"]);
    test
}

/// Runs such a test to its end, which must be a good one.
fn must_pass(mut test: std::process::Command) {
    let output = test.output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("1 passed"));
}

#[test]
fn two_hundred_runs_leave_nothing_behind() {
    must_pass(alone("a_process_with_two_hundred_runs"));
}

#[test]
#[ignore = "looks at all that the process has, so it must be alone in it"]
fn a_process_with_two_hundred_runs() {
    let jailer = Jailer::start(&settings()).unwrap();
    let own = std::process::id();
    let modes = ["nothing", "survive", "fork-bomb", "make-threads", "fill-disk", "exit-7", "flood", "leave-result"];
    // What the probe has used is given back a little after it has reported.
    let mut before = belongings(own);
    eventually("the probe has left", || {
        before = belongings(own);
        before.processes == 2 && before.trees == 0
    });
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let (jailer, modes) = (&jailer, &modes);
            scope.spawn(move || {
                let (jail, _tree) = jail_with_scratch(jailer);
                for turn in 0..25 {
                    jail.run(&tool(modes[(worker + turn) % modes.len()]), &limits()).unwrap();
                }
            });
        }
    });
    // Less than before is fine: the kernel may have been giving back what the probe had used.
    eventually("everything is given back", || belongings(own).is_within(&before));
    drop(jailer);
    assert_eq!(groups_of(own), Vec::<PathBuf>::new());
    assert_eq!(descendants(own), [own]);
}

#[test]
fn a_jailer_that_was_killed_is_replaced() {
    must_pass(alone("a_process_whose_jailer_is_killed"));
}

#[test]
#[ignore = "looks for its jailer among its children, so it must be alone"]
fn a_process_whose_jailer_is_killed() {
    let jailer = Jailer::start(&settings()).unwrap();
    let own = std::process::id();
    let process = descendants(own).into_iter().find(|process| *process != own).unwrap();
    let jail = jailer.jail(&mounts(), &limits()).unwrap();
    kill(process);
    assert!(matches!(jail.run(&command("sleep"), &limits()), Err(Error::JailerGone)));
    eventually("a new jailer works", || jailer.run(&mounts(), &command("nothing"), &limits()).is_ok());
}

fn kill(process: u32) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(process.cast_signed()), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
}

/// Not a test: the server that the next one kills.
#[test]
#[ignore = "started by another test"]
fn a_server_with_two_runs() {
    let jailer = Jailer::start(&settings()).unwrap();
    let jail = jailer.jail(&mounts(), &limits()).unwrap();
    let forever = Limits { wall: Duration::from_secs(3600), ..limits() };
    std::thread::scope(|scope| {
        scope.spawn(|| jail.run(&tool("sleep"), &forever));
        scope.spawn(|| jailer.run(&mounts(), &command("sleep"), &forever));
    });
}

#[test]
fn a_server_that_is_killed_leaves_nothing_behind() {
    let mut server = alone("a_server_with_two_runs").stdout(std::process::Stdio::null()).spawn().unwrap();
    // The server, the jailer, and for each jail a supervisor, an init and a program.
    eventually("two programs run", || descendants(server.id()).len() == 8);
    let processes = descendants(server.id());
    assert!(!groups_of(server.id()).is_empty());
    kill(server.id());
    server.wait().unwrap();
    eventually("its groups are gone", || groups_of(server.id()).is_empty());
    eventually("its processes are gone", || {
        processes.iter().all(|process| !PathBuf::from(format!("/proc/{process}")).exists())
    });
}

#[test]
fn an_overlay_is_written_and_what_is_below_stays() {
    write_over_a_file_of_the_server(jailer());
}

fn write_over_a_file_of_the_server(jailer: &Jailer) {
    let lower = tempfile::tempdir().unwrap();
    std::fs::write(lower.path().join("result"), "as it was").unwrap();
    let dir = jailer.mem_dir(MIB, 64).unwrap();
    dir.make_folder("layer").unwrap();
    for upper in [None, Some(dir.path("layer"))] {
        let mut mounts = mounts();
        mounts.push(Mount::Overlay { lower: lower.path().into(), upper, to: "/scratch".into() });
        let outcome = jailer.run(&mounts, &command("leave-result"), &limits()).unwrap();
        assert_eq!(outcome.end, End::Exited(0), "{}", text(&outcome.stderr));
    }
    assert_eq!(std::fs::read_to_string(lower.path().join("result")).unwrap(), "as it was");
    assert_eq!(dir.collect("layer/upper/result", 10_000).unwrap(), [b'x'; 10_000]);
}

/// Not a test by itself: the next one runs it as an ordinary user.
#[test]
#[ignore = "started by another test"]
fn an_ordinary_user_without_groups() {
    // Nobody has delegated control groups to this user, so their limits must be found missing, and nothing else.
    let groups = [Control::MemoryLimit, Control::ProcessLimit, Control::CpuLimit];
    let Err(Error::Controls(report)) = Jailer::start(&settings()) else { panic!("limits were claimed to hold") };
    assert!(report.missing.keys().all(|control| groups.contains(control)), "{report:?}");
    let jailer = Jailer::start(&Settings { waived_controls: groups.to_vec(), ..settings() }).unwrap();
    assert!(jailer.report().waived().eq(report.missing.keys().copied()));
    let (jail, dir) = jail_with_scratch(&jailer);
    assert_eq!(jail.run(&command("leave-result"), &limits()).unwrap().end, End::Exited(0));
    assert_eq!(dir.collect("out/result", 10_000).unwrap(), [b'x'; 10_000]);
    write_over_a_file_of_the_server(&jailer);
}

#[test]
fn an_ordinary_user_is_told_which_limits_do_not_hold() {
    const NOBODY_IN_PARTICULAR: u32 = 54_321;
    let mut test = alone("an_ordinary_user_without_groups");
    if nix::unistd::geteuid().is_root() {
        test.uid(NOBODY_IN_PARTICULAR).gid(NOBODY_IN_PARTICULAR);
    }
    must_pass(test);
}

fn trusted(script: &str) -> Trusted {
    Trusted {
        program: "sh".into(),
        args: vec!["-c".into(), script.into()],
        env: vec![("NAME".into(), "value".into())],
        without_env: vec!["HOME".into()],
        cwd: "/tmp".into(),
        wall: Duration::from_secs(20),
        output_bytes: 1000,
    }
}

#[test]
fn a_trusted_program_is_run_with_its_output_captured() {
    let cancel = Cancel::new().unwrap();
    let outcome = jailer().run_trusted(&trusted("echo $NAME $HOME; pwd; echo problem >&2; exit 3"), &cancel).unwrap();
    assert_eq!(outcome.end, End::Exited(3));
    assert_eq!((text(&outcome.stdout), text(&outcome.stderr)), ("value\n/tmp\n", "problem\n"));
    let outcome = jailer().run_trusted(&trusted("yes | head -c 100000; kill -9 $$"), &cancel).unwrap();
    assert_eq!((outcome.end, outcome.stdout.len()), (End::Signalled(libc::SIGKILL), 1000));
}

#[test]
fn a_trusted_program_ends_with_all_that_it_started() {
    let cancel = Cancel::new().unwrap();
    let late = Trusted { wall: Duration::from_millis(50), ..trusted("setsid sleep 3600 & sleep 3600") };
    let since = Instant::now();
    assert_eq!(jailer().run_trusted(&late, &cancel).unwrap().end, End::Limit(Limit::Wall));
    let early = trusted("setsid sleep 3600 &");
    assert_eq!(jailer().run_trusted(&early, &cancel).unwrap().end, End::Exited(0));
    cancel.cancel();
    let cancelled = jailer().run_trusted(&trusted("setsid sleep 3600 & sleep 3600"), &cancel);
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    // Each sleep holds the pipes open, so this alone says that they are gone.
    assert!(since.elapsed() < Duration::from_secs(60));
}

/// What `cargo` and `cc` need of this machine.
fn toolchain_mounts() -> Vec<Mount> {
    let sysroot = std::process::Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
    let sysroot = PathBuf::from(text(&sysroot).trim());
    let folders = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"];
    let mut mounts: Vec<_> =
        folders.into_iter().map(|path| Mount::ReadOnly { from: path.into(), to: path.into() }).collect();
    mounts.push(Mount::ReadOnly { from: sysroot.clone(), to: "/toolchain".into() });
    // In place of the wrapper that stands there, which wants /proc so as to find this.
    let tools = format!("lib/rustlib/{}-unknown-linux-gnu/bin", std::env::consts::ARCH);
    let linker = PathBuf::from("/toolchain").join(&tools).join("gcc-ld/ld.lld");
    mounts.push(Mount::ReadOnly { from: sysroot.join(&tools).join("rust-lld"), to: linker });
    mounts.push(Mount::Temporary { to: "/tmp".into() });
    mounts.push(Mount::Devices);
    mounts
}

fn cargo(args: &[&str]) -> Command {
    Command {
        program: "/toolchain/bin/cargo".into(),
        args: args.iter().map(ToString::to_string).collect(),
        env: [
            ("PATH", "/toolchain/bin:/usr/bin"),
            // Without /proc the loader does not know where a program lies, so `$ORIGIN` means nothing to it.
            ("LD_LIBRARY_PATH", "/toolchain/lib"),
            ("CARGO_HOME", "/tmp/cargo"),
            ("CARGO_TARGET_DIR", "/target"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        cwd: "/crate".into(),
        profile: Profile::Tool,
        channel: None,
    }
}

#[test]
fn a_compiler_works_over_a_prepared_target_that_stays_as_it_was() {
    let jailer = jailer();
    let prepared = tempfile::tempdir().unwrap();
    let compiler = Limits {
        memory_bytes: 1024 * MIB,
        disk_bytes: 256 * MIB,
        inodes: 10_000,
        cpu: Duration::from_secs(60),
        wall: Duration::from_secs(60),
        ..limits()
    };
    let dir = jailer.mem_dir(256 * MIB, 10_000).unwrap();
    dir.write("crate/Cargo.toml", b"[package]\nname = 'answer'\nedition = '2024'\n").unwrap();
    let lock = "version = 4\n\n[[package]]\nname = \"answer\"\nversion = \"0.0.0\"\n";
    let generated = "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\n";
    dir.write("crate/Cargo.lock", [generated, lock].concat().as_bytes()).unwrap();
    dir.write("crate/src/lib.rs", b"pub fn answer() -> u32 { 42 }").unwrap();
    dir.write("crate/tests/it.rs", b"#[test]\nfn it() { assert_eq!(answer::answer(), 42); }").unwrap();
    dir.make_folder("layer").unwrap();
    let build = |args: &[&str], upper: Option<PathBuf>| {
        let mut mounts = toolchain_mounts();
        mounts.push(Mount::ReadOnly { from: dir.path("crate"), to: "/crate".into() });
        mounts.push(Mount::Overlay { lower: prepared.path().into(), upper, to: "/target".into() });
        let mut args = args.to_vec();
        args.extend(["--offline", "--color=never"]);
        let outcome = jailer.run(&mounts, &cargo(&args), &compiler).unwrap();
        assert_eq!(outcome.end, End::Exited(0), "{}", text(&outcome.stderr));
        text(&outcome.stderr).to_owned()
    };
    // A file of the server's that cargo writes to: it must own its copy of it.
    std::fs::create_dir(prepared.path().join("debug")).unwrap();
    std::fs::write(prepared.path().join("debug/.cargo-build-lock"), "").unwrap();
    std::fs::write(prepared.path().join("debug/.cargo-lock"), "").unwrap();
    assert!(build(&["build"], Some(dir.path("layer"))).contains("Compiling answer"));
    // The next jail goes on from there.
    let linked = build(&["test", "--no-run"], Some(dir.path("layer")));
    assert!(linked.contains("Executable tests/it.rs"), "{linked}");
    let name = linked.rsplit_once("(/target/").unwrap().1.split_once(')').unwrap().0;
    // A layer in memory starts anew.
    assert!(build(&["build"], None).contains("Compiling answer"));
    assert_eq!(std::fs::read_dir(prepared.path().join("debug")).unwrap().count(), 2);

    // The test binary runs where it cannot be read and there is nothing else.
    let mut mounts = library_mounts();
    mounts.push(Mount::ExecuteOnly { from: dir.path("layer/upper").join(name), to: "/test".into() });
    let test = Command { program: "/test".into(), args: vec![], env: vec![], ..command("") };
    let outcome = jailer.run(&mounts, &test, &limits()).unwrap();
    assert_eq!(outcome.end, End::Exited(0), "{}", text(&outcome.stderr));
    assert!(text(&outcome.stdout).contains("test result: ok. 1 passed"));
}
