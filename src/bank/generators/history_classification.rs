//! `history_classification`: a random history of one register; is it linearizable, sequentially consistent, or neither?
//!
//! The key comes from the search in [`history`](super::history). A class is drawn first, and then histories until one is of that class, so each class
//! comes up about equally often.

use std::fmt::Write as _;

use super::history::{Class, Effect, INITIAL, Keep, Operation, classify, explain};
use super::range::{draw, read_range};
use super::wording::lettered;
use crate::bank::item::{Choice, Choices, Item, Key, Kind, Remark, Truth};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

const OVERLAP_HAS_ORDER: &str = "cap-overlap-has-an-order";
const SOME_ORDER_IS_ENOUGH: &str = "cap-any-order-is-linearizable";
const OLD_VALUE_BREAKS_ALL: &str = "cap-old-value-breaks-all";
const EACH_ALONE: &str = "cap-each-client-alone";

/// Ids of the misconceptions that wrong choices may name.
pub(super) const MISCONCEPTIONS: [&str; 4] =
    [OVERLAP_HAS_ORDER, SOME_ORDER_IS_ENOUGH, OLD_VALUE_BREAKS_ALL, EACH_ALONE];

/// How many histories are drawn at most to get one of the wanted class; the last one is taken whatever its class.
const MAX_DRAWS: usize = 400;

/// What is asked, and how large a history may be.
#[derive(Debug, Clone)]
pub(in crate::bank) struct Parameters {
    ask: Ask,
    processes: (usize, usize),
    operations: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    /// Which of the three classes (history_classification).
    Classify,
    /// Whether it is linearizable (true_false).
    Linearizable,
    /// What a read may have returned (multiple_choice).
    PossibleReads,
}

const ASKS: [(&str, Ask); 3] =
    [("classify", Ask::Classify), ("linearizable", Ask::Linearizable), ("possible_reads", Ask::PossibleReads)];

impl Parameters {
    pub(super) fn read(table: &mut Table) -> Option<Self> {
        let ask = table.word("ask", &ASKS);
        let processes = read_range(table, "processes", 2, 3);
        let operations = read_range(table, "operations", 4, 6);
        Some(Self { ask: ask?, processes: processes?, operations: operations? })
    }

    pub(super) fn kind(&self) -> Kind {
        match self.ask {
            Ask::Classify => Kind::HistoryClassification,
            Ask::Linearizable => Kind::TrueFalse,
            Ask::PossibleReads => Kind::MultipleChoice,
        }
    }

    pub(super) fn generate(&self, prng: &mut Prng) -> Item {
        match self.ask {
            Ask::Classify => classify_item(&self.draw_class(prng)),
            Ask::Linearizable => linearizable_item(&self.draw_verdict(prng)),
            Ask::PossibleReads => self.possible_reads(prng),
        }
    }

    /// A history of a class that is drawn first.
    fn draw_class(&self, prng: &mut Prng) -> Vec<Operation> {
        let class = [Class::Linearizable, Class::SequentiallyConsistent, Class::Neither].get(prng.index(3)).copied();
        self.draw_until(prng, |history| Some(classify(history)) == class)
    }

    /// A history that is linearizable or not, which is drawn first.
    fn draw_verdict(&self, prng: &mut Prng) -> Vec<Operation> {
        let wanted = prng.one_in(2);
        self.draw_until(prng, |history| explain(history, Keep::RealTime).is_some() == wanted)
    }

    fn draw_until(&self, prng: &mut Prng, wanted: impl Fn(&[Operation]) -> bool) -> Vec<Operation> {
        let mut history = self.draw_history(prng);
        for _ in 1..MAX_DRAWS {
            if wanted(&history) {
                break;
            }
            history = self.draw_history(prng);
        }
        history
    }

    /// Operations that are called and return in a random order. Every write writes a different value.
    fn draw_history(&self, prng: &mut Prng) -> Vec<Operation> {
        let processes = draw(prng, self.processes);
        let length = draw(prng, self.operations);
        let mut history = draw_times(prng, processes, length);
        // At least one write and two reads, so that there is something to see.
        let mut kinds: Vec<bool> = vec![true, false, false];
        kinds.extend((3..length).map(|_| prng.one_in(2)));
        prng.shuffle(&mut kinds);
        let mut written = INITIAL;
        for (operation, is_write) in history.iter_mut().zip(kinds) {
            if is_write {
                written += 1;
                operation.effect = Effect::Write(written);
            }
        }
        let before = history.clone();
        for operation in &mut history {
            if matches!(operation.effect, Effect::Read(_)) {
                operation.effect = Effect::Read(readable(prng, &before, operation.returned));
            }
        }
        history
    }

    /// A history with a gap, and which values in it make it linearizable.
    fn possible_reads(&self, prng: &mut Prng) -> Item {
        loop {
            let history = self.draw_until(prng, |history| explain(history, Keep::RealTime).is_some());
            let reads: Vec<_> = (0..history.len()).filter(|index| is_read(&history, *index)).collect();
            let Some(&gap) = prng.pick(&reads) else { continue };
            let classes: Vec<_> =
                values(&history).map(|value| (value, classify(&with_read(&history, gap, value)))).collect();
            // If every value is possible, or there is little to choose from, there is nothing to ask.
            let possible = classes.iter().filter(|(_, class)| *class == Class::Linearizable).count();
            if classes.len() > 2 && (1..classes.len()).contains(&possible) {
                return possible_reads_item(&history, gap, &classes);
            }
        }
    }
}

/// A value that a read can have seen if it returns at `returned`: the initial one, or that of a write called before then.
fn readable(prng: &mut Prng, history: &[Operation], returned: usize) -> u8 {
    let mut values = vec![INITIAL];
    values.extend(history.iter().filter(|operation| operation.called < returned).filter_map(|operation| {
        match operation.effect {
            Effect::Write(value) => Some(value),
            Effect::Read(_) => None,
        }
    }));
    prng.pick(&values).copied().unwrap_or(INITIAL)
}

/// Times of operations, at least one for each client.
fn draw_times(prng: &mut Prng, processes: usize, length: usize) -> Vec<Operation> {
    loop {
        let history = draw_any_times(prng, processes, length);
        if (0..processes).all(|process| history.iter().any(|operation| operation.process == process)) {
            return history;
        }
    }
}

/// Calls and returns in a random order, at times 1, 2, 3 …. The effects are filled in later.
fn draw_any_times(prng: &mut Prng, processes: usize, length: usize) -> Vec<Operation> {
    let mut history: Vec<Operation> = Vec::new();
    let mut open: Vec<Option<usize>> = vec![None; processes];
    let mut time = 0;
    while history.len() < length || open.iter().any(Option::is_some) {
        let process = prng.index(processes);
        let Some(running) = open.get_mut(process) else { continue };
        match running.take() {
            Some(index) => {
                time += 1;
                if let Some(operation) = history.get_mut(index) {
                    operation.returned = time;
                }
            }
            None if history.len() < length => {
                time += 1;
                *running = Some(history.len());
                history.push(Operation { process, effect: Effect::Read(INITIAL), called: time, returned: time });
            }
            None => {}
        }
    }
    history
}

fn is_read(history: &[Operation], index: usize) -> bool {
    history.get(index).is_some_and(|operation| matches!(operation.effect, Effect::Read(_)))
}

/// Every value that the register ever has: the initial one and those written.
fn values(history: &[Operation]) -> impl Iterator<Item = u8> {
    let written = history.iter().filter(|operation| matches!(operation.effect, Effect::Write(_))).count();
    INITIAL..=u8::try_from(written).unwrap_or(INITIAL)
}

fn with_read(history: &[Operation], gap: usize, value: u8) -> Vec<Operation> {
    let mut filled = history.to_vec();
    if let Some(operation) = filled.get_mut(gap) {
        operation.effect = Effect::Read(value);
    }
    filled
}

const SETTING: &str = "Clients share one register, which starts at 0. Each bar runs from an operation's call to its return, by a clock that all clients agree on.";

fn classify_item(history: &[Operation]) -> Item {
    let class = classify(history);
    let choice = |claim: Class, text: &str| (text.to_owned(), remark(claim, class));
    let choices = vec![
        choice(Class::Linearizable, "Linearizable, and so sequentially consistent."),
        choice(Class::SequentiallyConsistent, "Sequentially consistent, but not linearizable."),
        choice(Class::Neither, "Neither."),
    ];
    Item {
        stem: Markdown::new(format!("{SETTING}\n\n{}\n\nWhat is this history?", shown(history, None))),
        key: Key::Choices(Choices::one_of(lettered(choices))),
        explanation: Some(Markdown::new(explanation(history))),
    }
}

/// Why a claim is wrong, or nothing if it is right.
fn remark(claim: Class, class: Class) -> Option<Remark> {
    let (text, misconception) = match (claim, class) {
        _ if claim == class => return None,
        (_, Class::Linearizable) => (
            "Operations that overlap can take effect in either order. Here, some order explains every read and respects real time.",
            OVERLAP_HAS_ORDER,
        ),
        (Class::Linearizable, Class::SequentiallyConsistent) => (
            "Some orders explain every read, but each of them puts an operation before one that had already returned when it was called.",
            SOME_ORDER_IS_ENOUGH,
        ),
        (_, Class::SequentiallyConsistent) => (
            "It isn't linearizable, but sequential consistency only requires that each client's own order is kept, and some such order explains every read.",
            OLD_VALUE_BREAKS_ALL,
        ),
        (_, Class::Neither) => (
            "Each client's reads may look sensible on their own, but no single order of all operations explains them together.",
            EACH_ALONE,
        ),
    };
    Some(Remark::new(text, misconception))
}

fn linearizable_item(history: &[Operation]) -> Item {
    let class = classify(history);
    let answer = class == Class::Linearizable;
    // What a wrong answer claims.
    let claim = if answer { Class::Neither } else { Class::Linearizable };
    Item {
        stem: Markdown::new(format!("{SETTING}\n\n{}\n\nThis history is linearizable.", shown(history, None))),
        key: Key::Truth(Truth { answer, wrong: remark(claim, class).unwrap_or_default() }),
        explanation: Some(Markdown::new(explanation(history))),
    }
}

fn possible_reads_item(history: &[Operation], gap: usize, classes: &[(u8, Class)]) -> Item {
    let choice = |(value, class): &(u8, Class)| {
        let (id, text) = (format!("v{value}"), value.to_string());
        match remark(Class::Linearizable, *class) {
            None => Choice::right(&id, text),
            Some(remark) => Choice::wrong(&id, text, remark),
        }
    };
    let mut told = String::new();
    for (value, class) in classes {
        let _ = match class {
            Class::Linearizable => {
                let order = explain(&with_read(history, gap, *value), Keep::RealTime).unwrap_or_default();
                writeln!(told, "- **{value}**: {}", in_order(&with_read(history, gap, *value), &order))
            }
            Class::SequentiallyConsistent => {
                writeln!(told, "- **{value}**: it can only be explained by orders that break real time.")
            }
            Class::Neither => writeln!(told, "- **{value}**: no order that keeps each client's own order explains it."),
        };
    }
    Item {
        stem: Markdown::new(format!(
            "{SETTING} You don't know what the read marked `?` returned.\n\n{}\n\nThe history is linearizable. Which values can that read have \
             returned?",
            shown(history, Some(gap))
        )),
        key: Key::Choices(Choices::any_of(classes.iter().map(choice).collect())),
        explanation: Some(Markdown::new(told)),
    }
}

fn explanation(history: &[Operation]) -> String {
    if let Some(order) = explain(history, Keep::RealTime) {
        return format!("This order respects real time and explains every read: {}.", in_order(history, &order));
    }
    match explain(history, Keep::ProcessOrder) {
        Some(order) => {
            let mut text = format!("This order keeps each client's own order and explains every read: {}.", in_order(history, &order));
            if let Some((late, early)) = broken_pair(history, &order) {
                let _ = write!(
                    text,
                    " But it puts {late} before {early}, although {early} had returned before {late} was called. None of the orders that respect \
                     real time explains every read.",
                    late = name(late),
                    early = name(early)
                );
            }
            text
        }
        None => "None of the orders that keep each client's own order explains every read: in each of them, some read doesn't return the last value written.".to_owned(),
    }
}

/// Two operations that an order puts the wrong way round by real time.
fn broken_pair<'h>(history: &'h [Operation], order: &[usize]) -> Option<(&'h Operation, &'h Operation)> {
    let ordered: Vec<_> = order.iter().filter_map(|index| history.get(*index)).collect();
    let mut pairs = ordered
        .iter()
        .enumerate()
        .flat_map(|(at, first)| ordered.iter().skip(at + 1).map(move |second| (*first, *second)));
    pairs.find(|(first, second)| Keep::RealTime.before(second, first))
}

fn in_order(history: &[Operation], order: &[usize]) -> String {
    let names: Vec<_> = order.iter().filter_map(|index| history.get(*index)).map(name).collect();
    names.join(", ")
}

fn name(operation: &Operation) -> String {
    format!("P{} {}", operation.process + 1, did(operation.effect))
}

fn did(effect: Effect) -> String {
    match effect {
        Effect::Write(value) => format!("writes {value}"),
        Effect::Read(value) => format!("reads {value}"),
    }
}

/// The history as a diagram and as a table. The value of the read at `gap` is not shown.
fn shown(history: &[Operation], gap: Option<usize>) -> String {
    let label = |index: usize, operation: &Operation| match operation.effect {
        Effect::Read(_) if gap == Some(index) => "reads ?".to_owned(),
        effect => did(effect),
    };
    let mut rows: Vec<_> =
        history.iter().enumerate().map(|(index, operation)| (operation, label(index, operation))).collect();
    rows.sort_by_key(|(operation, _)| operation.called);
    let mut table = String::from("| client | operation | call | return |\n| --- | --- | --- | --- |\n");
    for (operation, label) in &rows {
        let _ =
            writeln!(table, "| P{} | {label} | {} | {} |", operation.process + 1, operation.called, operation.returned);
    }
    format!("{}\n\n{table}", diagram(&rows))
}

const TICK: usize = 60;
const ROW: usize = 58;
const MARGIN: usize = 40;

/// A space-time diagram: a line for each client, a bar for each operation.
fn diagram(rows: &[(&Operation, String)]) -> String {
    let last = rows.iter().map(|(operation, _)| operation.returned).max().unwrap_or_default();
    let clients = 1 + rows.iter().map(|(operation, _)| operation.process).max().unwrap_or_default();
    let (width, height) = (MARGIN + last * TICK + TICK, clients * ROW + 10);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>Space-time diagram of the table below</title>\n"
    );
    for client in 0..clients {
        let y = client * ROW + 40;
        let _ = writeln!(
            svg,
            "<text x=\"4\" y=\"{}\" font-size=\"15\" fill=\"currentColor\">P{}</text>",
            y + 5,
            client + 1
        );
        let _ = writeln!(
            svg,
            "<line x1=\"{MARGIN}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"currentColor\" class=\"muted\" stroke-width=\"1\"/>",
            width - 10
        );
    }
    for (operation, label) in rows {
        let class = if matches!(operation.effect, Effect::Write(_)) { "accent" } else { "ok" };
        let (x, y) = (MARGIN + operation.called * TICK - TICK / 2, operation.process * ROW + 40);
        let length = (operation.returned - operation.called) * TICK;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"{length}\" height=\"14\" rx=\"5\" fill=\"none\" stroke=\"currentColor\" class=\"{class}\" stroke-width=\"2\"/>",
            y - 7
        );
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"13\" fill=\"currentColor\">{label}</text>",
            x + length / 2,
            y - 14
        );
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::bank::generators::history::tests::brute_force;
    use crate::bank::generators::tests::{TEN_THOUSAND, chosen_ids, chosen_text, each_item, truth};

    const SMALL: Parameters = Parameters { ask: Ask::Classify, processes: (2, 3), operations: (4, 6) };

    /// The history that a candidate reads in the stem's table, `?` read as a value.
    fn read_back(stem: &Markdown, unknown: u8) -> Vec<Operation> {
        let rows = stem.markdown().lines().filter(|line| line.starts_with("| P"));
        let operation = |row: &str| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let (did, value) = cells[2].split_once(' ').unwrap();
            let value = value.parse().unwrap_or(unknown);
            let effect = if did == "writes" { Effect::Write(value) } else { Effect::Read(value) };
            let process = cells[1].trim_start_matches('P').parse::<usize>().unwrap() - 1;
            Operation { process, effect, called: cells[3].parse().unwrap(), returned: cells[4].parse().unwrap() }
        };
        rows.map(operation).collect()
    }

    #[test]
    fn classes_are_those_of_all_permutations_and_each_comes_often() {
        let mut seen = BTreeMap::<String, u32>::new();
        each_item(
            TEN_THOUSAND,
            |prng| SMALL.generate(prng),
            |item| {
                let text = chosen_text(item);
                let class = match brute_force(&read_back(&item.stem, 0)) {
                    Class::Linearizable => "Linearizable",
                    Class::SequentiallyConsistent => "Sequentially",
                    Class::Neither => "Neither",
                };
                assert!(text.starts_with(class), "{text} is not {class}: {}", item.stem.markdown());
                *seen.entry(text).or_default() += 1;
            },
        );
        assert!(seen.len() == 3 && seen.values().all(|count| *count > 2_500), "{seen:?}");
    }

    #[test]
    fn verdicts_are_those_of_all_permutations_and_both_come_often() {
        let parameters = Parameters { ask: Ask::Linearizable, ..SMALL };
        let mut yes = 0;
        each_item(
            TEN_THOUSAND,
            |prng| parameters.generate(prng),
            |item| {
                let linearizable = brute_force(&read_back(&item.stem, 0)) == Class::Linearizable;
                assert_eq!(truth(item), linearizable, "{}", item.stem.markdown());
                yes += u32::from(linearizable);
            },
        );
        assert!((4_000..6_000).contains(&yes), "{yes}");
    }

    #[test]
    fn possible_reads_are_those_that_some_permutation_explains() {
        let parameters = Parameters { ask: Ask::PossibleReads, ..SMALL };
        let mut several = 0;
        each_item(
            TEN_THOUSAND / 4,
            |prng| parameters.generate(prng),
            |item| {
                let chosen = chosen_ids(item);
                let possible: Vec<_> = values(&read_back(&item.stem, 0))
                    .filter(|value| brute_force(&read_back(&item.stem, *value)) == Class::Linearizable)
                    .map(|value| format!("v{value}"))
                    .collect();
                assert_eq!(chosen, possible, "{}", item.stem.markdown());
                several += u32::from(possible.len() > 1);
            },
        );
        assert!(several > 250, "{several}");
    }
}
