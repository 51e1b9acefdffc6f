//! What the editor of a new question or prompt begins with: a small one of its kind, to be written over.

use super::Kind;

/// The source that a new item of a kind begins with. It has no mistakes.
pub(super) const fn of(kind: Kind) -> &'static str {
    match kind {
        Kind::Question => QUESTION,
        Kind::Prompt => PROMPT,
    }
}

const QUESTION: &str = r#"kind = "single_choice"
title = "Five replicas"
difficulty = 2
tags = ["quorum"]
stem = """
A register has five replicas. A write waits for three acknowledgements. From how many replicas must a read collect replies, so that it always meets the latest completed write?
"""
explanation = """
A read that asks R of N replicas meets every write of W of them when R + W > N. With N = 5 and W = 3 that is R = 3.
"""
sources = ["Gifford, Weighted Voting for Replicated Data, SOSP 1979, section 3"]

[[choices]]
id = "a"
text = "Two"
feedback = "Two readers and three writers can be the five replicas exactly, with nobody in both."
slip = true

[[choices]]
id = "b"
text = "Three"
correct = true

[[choices]]
id = "c"
text = "Five"
feedback = "That works, but fewer do as well."
slip = true
"#;

const PROMPT: &str = r#"title = "A counter of visits"
difficulty = 2
minutes = 30
tags = ["capacity"]
brief = """
A news site counts the visits of each article and shows the number beside the headline. Design the counting.
"""
constraints = ["20,000 visits a second at the peak", "The number shown may be a minute old"]
hand_in = """
Describe how a visit is counted, where the number is read, and what is lost when a machine fails.
"""
sources = ["Internal: the counting service of 2025"]

[[criteria]]
id = "numbers"
title = "Works from the numbers"
levels = ["absent: no arithmetic", "partial: repeats the load", "sound: derives what each part has to do", "excellent: also says what to measure first"]
notes = "Look for the writes that remain after batching."

[[criteria]]
id = "failures"
title = "Says what a failure costs"
levels = ["absent: failures are not discussed", "partial: names one failure", "sound: says what is lost for each part", "excellent: bounds the loss and says why that is acceptable"]
notes = "A minute of visits of one machine is a good answer."

[[criteria]]
id = "reads"
title = "Serves the number"
levels = ["absent: not discussed", "partial: reads the counter itself", "sound: caches within the minute allowed", "excellent: also says how stale numbers are bounded"]
notes = "Anything that uses the minute."

[[criteria]]
id = "simple"
title = "Keeps it simple"
levels = ["absent: many parts without a reason", "partial: some parts have a reason", "sound: each part has a reason", "excellent: says which parts were left out and why"]
notes = "One machine can do much of this."

[[examples]]
title = "A weak answer"
text = "I would use a database and add one for each visit."
scores = { numbers = 0, failures = 0, reads = 1, simple = 2 }
why = "It repeats the task; nothing follows from the load."

[[examples]]
title = "A good answer"
text = "Each web server adds up its visits and sends the sums every ten seconds. A server that fails loses ten seconds of its own visits."
scores = { numbers = 2, failures = 2, reads = 2, simple = 3 }
why = "The batching follows from the load, and the loss is bounded."
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::Bank;
    use crate::material::Parsed;

    #[test]
    fn what_an_editor_begins_with_has_no_mistakes() {
        for kind in Kind::ALL {
            let read = Parsed::read(&Bank::default(), *kind, "acme/new".parse().unwrap(), of(*kind));
            assert!(read.is_ok(), "{kind}: {read:?}");
        }
    }
}
