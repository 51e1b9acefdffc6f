//! How an answer did, in one word, which is the class of its box on a page.

use serde::Serialize;

use super::points::Points;

/// How an answer or a submission did, as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It earned all the points.
    Right,
    /// It earned some of the points.
    Partly,
    /// It earned no points.
    Wrong,
    /// It has no score: a person or a worker still decides, or nothing was decided.
    Open,
}

impl Standing {
    /// The standing of a score out of `max`; none means that it isn't scored yet.
    #[must_use]
    pub fn of(score: Option<Points>, max: Points) -> Self {
        match score {
            None => Self::Open,
            Some(Points::ZERO) => Self::Wrong,
            Some(score) if score >= max => Self::Right,
            Some(_) => Self::Partly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_right_partly_right_or_wrong_and_open_without_one() {
        let of = |thousandths: Option<u32>| Standing::of(thousandths.map(Points::from_thousandths), Points::ONE);
        assert_eq!(
            [of(None), of(Some(0)), of(Some(1)), of(Some(999)), of(Some(1_000))],
            [Standing::Open, Standing::Wrong, Standing::Partly, Standing::Partly, Standing::Right]
        );
    }
}
