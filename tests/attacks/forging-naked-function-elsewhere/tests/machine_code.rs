#[unsafe(naked)]
pub extern "C" fn leave() -> ! {
    std::arch::naked_asm!("mov edi, 0", "mov eax, 231", "syscall")
}
