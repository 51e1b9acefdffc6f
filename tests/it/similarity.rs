//! What is found of copies, and who is accused wrongly. The figures that docs/similarity.md publishes are held here.

mod corpus;

use corpus::{Copied, Subject, borrowed, exercises, prompts};
use quorate::similarity::{Pair, Pool, Share};

/// What comparing all subjects of a kind says at the threshold.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    copies: usize,
    found: usize,
    honest_pairs: usize,
    wrongly_accused: usize,
}

/// How much two texts of a subject have in common.
struct Line {
    share: Share,
    is_listed: bool,
    text: String,
}

impl Line {
    fn of(subject: &Subject, pool: &Pool, (left, right): (usize, usize), other: &str) -> Self {
        let pairs = pool.pairs(Share::thousandths(0));
        let pair = pairs.iter().find(|pair| (pair.left, pair.right) == (left, right));
        let share = pair.map_or(Share::thousandths(0), Pair::share);
        let shares = pair.map_or(String::new(), |pair| format!(" ({}, {})", pair.of_left, pair.of_right));
        let text = format!("{:>5} {}: {}, {other}{shares}", share.to_string(), subject.name, subject.honest[left].name);
        Self { share, is_listed: share >= subject.given.threshold(), text }
    }
}

/// Every two honest texts.
fn honest_pairs(subject: &Subject) -> Vec<Line> {
    let pool = subject.pool(None);
    let names: Vec<&str> = subject.honest.iter().map(|text| text.name.as_str()).collect();
    let pairs = (0..names.len()).flat_map(|right| (0..right).map(move |left| (left, right)));
    pairs.map(|pair| Line::of(subject, &pool, pair, names[pair.1])).collect()
}

/// Each copy, handed in together with all honest texts: with its original, and with the others.
fn copied_pairs(subject: &Subject) -> (Vec<Line>, Vec<Line>) {
    let last = subject.honest.len();
    let line = |copy: &Copied, left| {
        let name = format!("{}/{}", subject.honest[copy.original].name, copy.disguise);
        (copy.original == left, Line::of(subject, &subject.pool(Some(copy)), (left, last), &name))
    };
    let all = subject.copies.iter().flat_map(|copy| (0..last).map(move |left| line(copy, left)));
    let (own, others): (Vec<_>, Vec<_>) = all.partition(|(is_original, _)| *is_original);
    let lines = |lines: Vec<(bool, Line)>| lines.into_iter().map(|(_, line)| line).collect();
    (lines(own), lines(others))
}

/// The figures, the lines of the table, and how many copies were taken for copies of another text.
fn compared(subjects: &[Subject]) -> (Figures, Vec<String>, usize) {
    let mut honest: Vec<Line> = subjects.iter().flat_map(honest_pairs).collect();
    let (copies, others): (Vec<_>, Vec<_>) = subjects.iter().map(copied_pairs).unzip();
    let mut copies: Vec<Line> = copies.into_iter().flatten().collect();
    let count = |lines: &[Line]| lines.iter().filter(|line| line.is_listed).count();
    let figures = Figures {
        copies: copies.len(),
        found: count(&copies),
        honest_pairs: honest.len(),
        wrongly_accused: count(&honest),
    };
    for lines in [&mut honest, &mut copies] {
        lines.sort_by(|one, other| other.share.cmp(&one.share).then_with(|| one.text.cmp(&other.text)));
    }
    let mut table = vec!["copies".to_owned()];
    table.extend(copies.into_iter().map(|line| line.text));
    table.push("honest pairs".to_owned());
    table.extend(honest.into_iter().map(|line| line.text));
    (figures, table, count(&others.into_iter().flatten().collect::<Vec<_>>()))
}

#[test]
fn disguised_programs_are_found_and_honest_ones_are_not_accused() {
    let (figures, table, mistaken) = compared(&exercises());
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("similarity_of_code", table.join("\n"));
    });
    assert_eq!(figures, Figures { copies: 32, found: 31, honest_pairs: 106, wrongly_accused: 0 });
    assert_eq!(mistaken, 0);
}

#[test]
fn disguised_answers_are_found_and_honest_ones_are_not_accused() {
    let (figures, table, mistaken) = compared(&prompts());
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("similarity_of_prose", table.join("\n"));
    });
    assert_eq!(figures, Figures { copies: 7, found: 6, honest_pairs: 15, wrongly_accused: 0 });
    assert_eq!(mistaken, 0);
}

#[test]
fn what_a_copy_has_of_its_original_can_be_shown_side_by_side() {
    let subjects = exercises();
    for subject in &subjects {
        for copy in &subject.copies {
            let original = &subject.honest[copy.original];
            let document = |files| subject.given.document(borrowed(files)).unwrap();
            let passages = document(&original.files).passages(&document(&copy.files));
            assert!(!passages.is_empty(), "{}/{}", original.name, copy.disguise);
            for (span, files) in
                passages.iter().flat_map(|passage| [(&passage.left, &original.files), (&passage.right, &copy.files)])
            {
                let text = &files[&span.path][span.bytes.clone()];
                assert_eq!(text.lines().count(), span.lines.clone().count(), "{text}");
            }
        }
    }
}

#[test]
fn the_documents_figures_are_those_of_the_tests() {
    let document = std::fs::read_to_string("docs/similarity.md").unwrap();
    for (kind, subjects) in [("Rust", exercises()), ("prose", prompts())] {
        let (figures, ..) = compared(&subjects);
        let Figures { copies, found, honest_pairs, wrongly_accused } = figures;
        let line = format!("| {kind} | {found} of {copies} | {wrongly_accused} of {honest_pairs} |");
        assert!(document.contains(&line), "write into docs/similarity.md: {line}");
    }
}
