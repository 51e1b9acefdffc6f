//! A macro that doubles its input.

mod clock;

pub use clock::VectorClock;

macro_rules! level_40 {
    () => {
        std::hint::black_box(0);
    };
}

macro_rules! level_0 {
    () => {
        level_1!();
        level_1!();
    };
}

macro_rules! level_1 {
    () => {
        level_2!();
        level_2!();
    };
}

macro_rules! level_2 {
    () => {
        level_3!();
        level_3!();
    };
}

macro_rules! level_3 {
    () => {
        level_4!();
        level_4!();
    };
}

macro_rules! level_4 {
    () => {
        level_5!();
        level_5!();
    };
}

macro_rules! level_5 {
    () => {
        level_6!();
        level_6!();
    };
}

macro_rules! level_6 {
    () => {
        level_7!();
        level_7!();
    };
}

macro_rules! level_7 {
    () => {
        level_8!();
        level_8!();
    };
}

macro_rules! level_8 {
    () => {
        level_9!();
        level_9!();
    };
}

macro_rules! level_9 {
    () => {
        level_10!();
        level_10!();
    };
}

macro_rules! level_10 {
    () => {
        level_11!();
        level_11!();
    };
}

macro_rules! level_11 {
    () => {
        level_12!();
        level_12!();
    };
}

macro_rules! level_12 {
    () => {
        level_13!();
        level_13!();
    };
}

macro_rules! level_13 {
    () => {
        level_14!();
        level_14!();
    };
}

macro_rules! level_14 {
    () => {
        level_15!();
        level_15!();
    };
}

macro_rules! level_15 {
    () => {
        level_16!();
        level_16!();
    };
}

macro_rules! level_16 {
    () => {
        level_17!();
        level_17!();
    };
}

macro_rules! level_17 {
    () => {
        level_18!();
        level_18!();
    };
}

macro_rules! level_18 {
    () => {
        level_19!();
        level_19!();
    };
}

macro_rules! level_19 {
    () => {
        level_20!();
        level_20!();
    };
}

macro_rules! level_20 {
    () => {
        level_21!();
        level_21!();
    };
}

macro_rules! level_21 {
    () => {
        level_22!();
        level_22!();
    };
}

macro_rules! level_22 {
    () => {
        level_23!();
        level_23!();
    };
}

macro_rules! level_23 {
    () => {
        level_24!();
        level_24!();
    };
}

macro_rules! level_24 {
    () => {
        level_25!();
        level_25!();
    };
}

macro_rules! level_25 {
    () => {
        level_26!();
        level_26!();
    };
}

macro_rules! level_26 {
    () => {
        level_27!();
        level_27!();
    };
}

macro_rules! level_27 {
    () => {
        level_28!();
        level_28!();
    };
}

macro_rules! level_28 {
    () => {
        level_29!();
        level_29!();
    };
}

macro_rules! level_29 {
    () => {
        level_30!();
        level_30!();
    };
}

macro_rules! level_30 {
    () => {
        level_31!();
        level_31!();
    };
}

macro_rules! level_31 {
    () => {
        level_32!();
        level_32!();
    };
}

macro_rules! level_32 {
    () => {
        level_33!();
        level_33!();
    };
}

macro_rules! level_33 {
    () => {
        level_34!();
        level_34!();
    };
}

macro_rules! level_34 {
    () => {
        level_35!();
        level_35!();
    };
}

macro_rules! level_35 {
    () => {
        level_36!();
        level_36!();
    };
}

macro_rules! level_36 {
    () => {
        level_37!();
        level_37!();
    };
}

macro_rules! level_37 {
    () => {
        level_38!();
        level_38!();
    };
}

macro_rules! level_38 {
    () => {
        level_39!();
        level_39!();
    };
}

macro_rules! level_39 {
    () => {
        level_40!();
        level_40!();
    };
}

pub(crate) fn attack() {
    level_0!();
}
