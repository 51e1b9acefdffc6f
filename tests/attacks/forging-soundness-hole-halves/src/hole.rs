//! Turns any value into one of any other type of the same size, without `unsafe`: the compiler forgets that `'a` must
//! not outlive `'b` when `stretch` becomes a function pointer (issue 25860 of rust-lang/rust, open since 2015).

static FOREVER: &&() = &&();

fn stretch<'a, 'b, T>(_: &'a &'b (), short: &'b mut T) -> &'a mut T {
    short
}

fn lengthen<T: 'static>(short: &mut T) -> &'static mut T {
    let forgetful: for<'x> fn(_, &'x mut T) -> &'static mut T = stretch;
    forgetful(FOREVER, short)
}

enum Either<A, B> {
    Left(#[allow(dead_code)] Option<Box<A>>),
    Right(Option<Box<B>>),
}

pub fn transmute<A: 'static, B: 'static>(value: A) -> B {
    let mut either = Either::<A, B>::Right(None);
    let Either::Right(right) = &mut either else { unreachable!() };
    let right = lengthen(right);
    either = Either::Left(Some(Box::new(value)));
    std::hint::black_box(&mut either);
    *right.take().expect("the box of the other type")
}
