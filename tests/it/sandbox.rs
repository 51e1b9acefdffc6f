use quorate::sandbox::{Jailer, Settings};

#[test]
fn thin() {
    let start = std::time::Instant::now();
    let jailer = Jailer::start(&Settings::new(env!("CARGO_BIN_EXE_quorate")));
    println!("{:?}", start.elapsed());
    println!("{:#?}", jailer.as_ref().map(|j| j.report()));
    jailer.unwrap();
}
