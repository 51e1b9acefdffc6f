//! Compiles an allow-list of system calls into a filter that finds a call by binary search.
//!
//! `seccompiler` installs filters, but compiles a list into a chain of comparisons, over which the kernel goes for each
//! of its system calls when the filter is installed: 0.5 ms, paid by every run. The tree costs a tenth of that.
//!
//! The instructions are those of the classic Berkeley packet filter (`linux/filter.h`), the input is the kernel's
//! `struct seccomp_data`.

use std::collections::BTreeMap;

use seccompiler::sock_filter;

/// A condition on one half of one argument: `half & mask == value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Check {
    offset: u32,
    mask: u32,
    value: u32,
}

impl Check {
    const ARGUMENTS: u32 = 16;

    /// On the low half, which is all that the kernel reads of an argument that is an `int`.
    pub(super) fn low(argument: u32, mask: u32, value: u32) -> Self {
        Self { offset: Self::ARGUMENTS + 8 * argument, mask, value }
    }

    /// On the high half.
    pub(super) fn high(argument: u32, mask: u32, value: u32) -> Self {
        Self { offset: Self::ARGUMENTS + 8 * argument + 4, mask, value }
    }
}

/// When a system call is allowed: if all checks of one of the cases hold.
pub(super) type Cases = Vec<Vec<Check>>;

/// The calls that are allowed always, and those that are allowed in some cases.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    calls: BTreeMap<u32, Option<Cases>>,
}

impl Rules {
    /// Allows a call, whatever its arguments.
    pub(super) fn allow(&mut self, call: libc::c_long) {
        self.set(call, None);
    }

    /// Allows a call in some cases alone.
    pub(super) fn allow_if(&mut self, call: libc::c_long, cases: Cases) {
        self.set(call, Some(cases));
    }

    fn set(&mut self, call: libc::c_long, cases: Option<Cases>) {
        // A number that the kernel cannot have allows nothing.
        if let Ok(number) = u32::try_from(call) {
            self.calls.insert(number, cases);
        }
    }

    /// The filter. Calls that are not allowed fail with `errno`; those of another architecture end the process.
    pub(super) fn compile(&self, errno: u16) -> Vec<sock_filter> {
        let refuse = libc::SECCOMP_RET_ERRNO | u32::from(errno);
        let mut filter = vec![
            statement(code::LOAD, ARCHITECTURE_OFFSET),
            jump(code::JUMP_IF_EQUAL, ARCHITECTURE, 1, 0),
            statement(code::RETURN, libc::SECCOMP_RET_KILL_PROCESS),
            statement(code::LOAD, NUMBER_OFFSET),
        ];
        filter.extend(tree(&self.segments(), refuse));
        filter
    }

    /// Cuts the numbers into stretches that are treated alike, each from its first number to the next one's.
    fn segments(&self) -> Vec<Segment<'_>> {
        let mut segments = vec![Segment { first: 0, treatment: Treatment::Refuse }];
        let mut next = 0;
        let mut push = |first, treatment| {
            if segments.last().is_some_and(|last| last.first == first) {
                segments.pop();
            }
            if segments.last().is_none_or(|last| last.treatment != treatment) {
                segments.push(Segment { first, treatment });
            }
        };
        for (number, cases) in &self.calls {
            if *number > next {
                push(next, Treatment::Refuse);
            }
            push(*number, cases.as_ref().map_or(Treatment::Allow, Treatment::AllowIf));
            next = number + 1;
        }
        push(next, Treatment::Refuse);
        segments
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment<'a> {
    Allow,
    AllowIf(&'a Cases),
    Refuse,
}

#[derive(Debug, Clone, Copy)]
struct Segment<'a> {
    first: u32,
    treatment: Treatment<'a>,
}

/// Goes left if the number is below the first of the right half.
fn tree(segments: &[Segment<'_>], refuse: u32) -> Vec<sock_filter> {
    let (left, right) = segments.split_at(segments.len() / 2);
    let Some(middle) = right.first() else { return vec![statement(code::RETURN, refuse)] };
    if left.is_empty() {
        return leaf(middle.treatment, refuse);
    }
    let (first, left, right) = (middle.first, tree(left, refuse), tree(right, refuse));
    let mut code = match u8::try_from(left.len()) {
        Ok(over) => vec![jump(code::JUMP_IF_NOT_BELOW, first, over, 0)],
        // Too far for a condition, not for a plain jump.
        Err(_) => vec![
            jump(code::JUMP_IF_NOT_BELOW, first, 0, 1),
            statement(code::JUMP, u32::try_from(left.len()).unwrap_or(u32::MAX)),
        ],
    };
    code.extend(left);
    code.extend(right);
    code
}

fn leaf(treatment: Treatment<'_>, refuse: u32) -> Vec<sock_filter> {
    let cases = match treatment {
        Treatment::Allow => return vec![statement(code::RETURN, libc::SECCOMP_RET_ALLOW)],
        Treatment::Refuse => &Cases::new(),
        Treatment::AllowIf(cases) => cases,
    };
    let mut code: Vec<_> = cases.iter().flat_map(|checks| case(checks)).collect();
    code.push(statement(code::RETURN, refuse));
    code
}

/// Allows if all checks hold, else goes on behind itself.
fn case(checks: &[Check]) -> Vec<sock_filter> {
    let mut code = vec![statement(code::RETURN, libc::SECCOMP_RET_ALLOW)];
    for check in checks.iter().rev() {
        let over = u8::try_from(code.len()).unwrap_or(u8::MAX);
        let tail = std::mem::replace(
            &mut code,
            vec![
                statement(code::LOAD, check.offset),
                statement(code::AND, check.mask),
                jump(code::JUMP_IF_EQUAL, check.value, 0, over),
            ],
        );
        code.extend(tail);
    }
    code
}

const NUMBER_OFFSET: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;

/// The architecture as the kernel names it in a filter's input, from `linux/audit.h`.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;
#[cfg(target_arch = "riscv64")]
const ARCHITECTURE: u32 = 0xC000_00F3;

/// From `linux/bpf_common.h`: class, width or operation, and where the operand is.
mod code {
    pub(super) const LOAD: u16 = 0x20;
    pub(super) const AND: u16 = 0x54;
    pub(super) const JUMP: u16 = 0x05;
    pub(super) const JUMP_IF_EQUAL: u16 = 0x15;
    pub(super) const JUMP_IF_NOT_BELOW: u16 = 0x35;
    pub(super) const RETURN: u16 = 0x06;
}

fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRNO: u16 = 38;

    /// Does what the kernel does with a filter and the words of a `struct seccomp_data`.
    fn interpret(filter: &[sock_filter], words: &[u32]) -> u32 {
        let (mut accumulator, mut at) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = filter[at];
            let choose = |holds: bool| usize::from(if holds { jt } else { jf });
            at += 1 + match code {
                code::LOAD => {
                    accumulator = words[usize::try_from(k / 4).unwrap()];
                    0
                }
                code::AND => {
                    accumulator &= k;
                    0
                }
                code::JUMP => usize::try_from(k).unwrap(),
                code::JUMP_IF_EQUAL => choose(accumulator == k),
                code::JUMP_IF_NOT_BELOW => choose(accumulator >= k),
                code::RETURN => return k,
                other => panic!("instruction {other:#x}"),
            };
        }
    }

    /// Whether a call with a first and a second argument is allowed.
    fn allows(filter: &[sock_filter], number: u32, first: u64, second: u64) -> bool {
        let halves =
            |argument: u64| [u32::try_from(argument & 0xFFFF_FFFF).unwrap(), u32::try_from(argument >> 32).unwrap()];
        let mut words = vec![number, ARCHITECTURE, 0, 0];
        words.extend(halves(first));
        words.extend(halves(second));
        words.resize(16, 0);
        interpret(filter, &words) == libc::SECCOMP_RET_ALLOW
    }

    #[test]
    fn exactly_the_calls_of_the_list_are_allowed() {
        // Every set of calls below 8, and sets large enough for long jumps.
        let small = (0_u32..256).map(|set| (0..8).filter(|number| set >> number & 1 == 1).collect::<Vec<_>>());
        let large = [1, 2, 3, 7].map(|step| (5..900).step_by(step).collect());
        for calls in small.chain(large) {
            let mut rules = Rules::default();
            calls.iter().for_each(|number| rules.allow((*number).into()));
            let filter = rules.compile(ERRNO);
            for number in (0..1000).chain([u32::MAX, 1 << 30]) {
                assert_eq!(allows(&filter, number, 0, 0), calls.contains(&number), "{number} of {calls:?}");
            }
        }
    }

    #[test]
    fn arguments_are_looked_at_in_full() {
        let mut rules = Rules::default();
        rules.allow_if(7, vec![vec![Check::low(0, !0, 5), Check::high(0, !0, 9)], vec![Check::low(1, 0b110, 0b010)]]);
        let filter = rules.compile(ERRNO);
        let both = (9 << 32) | 5;
        assert!(allows(&filter, 7, both, 0));
        assert!(!allows(&filter, 7, 5, 0) && !allows(&filter, 7, 9 << 32, 0) && !allows(&filter, 6, both, 0));
        assert!(allows(&filter, 7, 0, 0b011) && !allows(&filter, 7, 0, 0b110) && !allows(&filter, 7, 0, 0));
    }

    #[test]
    fn another_architecture_ends_the_process() {
        let mut rules = Rules::default();
        rules.allow(1);
        let filter = rules.compile(ERRNO);
        assert_eq!(interpret(&filter, &[1, ARCHITECTURE ^ 1]), libc::SECCOMP_RET_KILL_PROCESS);
        assert_eq!(interpret(&filter, &[2, ARCHITECTURE]), libc::SECCOMP_RET_ERRNO | u32::from(ERRNO));
    }
}
