//! A set as a team writes it: the keys of a set's file, as JSON.
//!
//! It's read by the rules of the files. So it is written out as the file that says the same, line by line, and what is wrong with a line is
//! told of the place in the JSON that the line came from.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::bank::{FeedbackPolicy, Kind, Mistake, Navigation, QuestionId, Set, Slug};
use crate::error::Field;

/// Most sections of a set.
const SECTIONS_MAX: usize = 20;
/// Most items of a set, in all sections: a page's form of more would have more fields than are taken.
const ITEMS_MAX: usize = 100;
/// Longest text of a definition, in characters.
const TEXT_MAX_CHARS: usize = 5_000;

/// What a set asks, and on which terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SetDefinition {
    /// Its name on pages.
    #[schema(max_length = 5000, example = "Backend screen")]
    pub(crate) title: String,
    /// What it is for, in a sentence.
    #[schema(max_length = 5000)]
    pub(crate) summary: String,
    /// How long an attempt may take, such as `1h 30m`; no limit when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1h 30m")]
    pub(crate) time_limit: Option<String>,
    /// The share of the points that passes, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pass_mark: Option<f64>,
    /// How a candidate may move between items.
    pub(crate) navigation: Navigation,
    /// What a candidate sees afterwards.
    pub(crate) feedback: FeedbackPolicy,
    /// Whether items are shuffled within their section.
    pub(crate) shuffle: bool,
    /// What a candidate reads before beginning, as plain text.
    #[schema(max_length = 5000)]
    pub(crate) instructions: String,
    /// What a candidate agrees to before beginning, as plain text.
    #[schema(max_length = 5000)]
    pub(crate) consent: String,
    /// Its parts, in order.
    #[serde(deserialize_with = "crate::json_object::list")]
    #[schema(max_items = 20)]
    pub(crate) sections: Vec<SectionDefinition>,
}

impl Default for SetDefinition {
    /// What holds where nothing is said. A team's set tells no keys unless it says so.
    fn default() -> Self {
        Self {
            title: String::new(),
            summary: String::new(),
            time_limit: None,
            pass_mark: None,
            navigation: Navigation::Free,
            feedback: FeedbackPolicy::ScoreOnly,
            shuffle: false,
            instructions: String::new(),
            consent: String::new(),
            sections: Vec::new(),
        }
    }
}

/// A part of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SectionDefinition {
    /// Its name on pages.
    #[schema(max_length = 5000)]
    pub(crate) title: String,
    /// What it asks, in order.
    #[serde(deserialize_with = "crate::json_object::list")]
    #[schema(max_items = 100)]
    pub(crate) items: Vec<ItemDefinition>,
}

/// What is asked at one place: exactly one of a question, a prompt, an exercise and a pool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ItemDefinition {
    /// The id of a question: `topic/slug`, or `team/slug` for one of the team's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<QuestionId>,
    /// The id of a design prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt: Option<QuestionId>,
    /// The slug of an exercise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exercise: Option<Slug>,
    /// Questions drawn for each attempt.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::json_object::option")]
    pub(crate) pool: Option<PoolDefinition>,
    /// The points, for each question in case of a pool, where they differ from its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<f64>,
}

/// Which questions can be drawn, and how many are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PoolDefinition {
    /// Only questions of this topic; the team's slug for its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topic: Option<Slug>,
    /// Only questions with this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<String>,
    /// Only questions of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Kind>,
    /// The lowest and the highest difficulty, from 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "levels")]
    #[schema(value_type = Option<Vec<i64>>, min_items = 2, max_items = 2)]
    pub(crate) difficulty: Option<[i64; 2]>,
    /// How many are drawn, from 1 to 100.
    #[serde(deserialize_with = "crate::whole_number::deserialize")]
    pub(crate) count: i64,
}

/// Two whole numbers, however they are written.
fn levels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[i64; 2]>, D::Error> {
    #[derive(Deserialize)]
    struct Level(#[serde(deserialize_with = "crate::whole_number::deserialize")] i64);
    let levels: Option<[Level; 2]> = Option::deserialize(deserializer)?;
    Ok(levels.map(|levels| levels.map(|Level(level)| level)))
}

/// A definition written out as a file, with the place in the JSON that each line came from.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The text of the file.
    pub(crate) text: String,
    pointers: Vec<String>,
}

impl SetDefinition {
    /// The mistakes that no file could hold: texts and lists that are too long to be kept.
    pub(crate) fn too_long(&self) -> Vec<Field> {
        let mut wrong = Vec::new();
        let texts = [
            ("title", &self.title),
            ("summary", &self.summary),
            ("instructions", &self.instructions),
            ("consent", &self.consent),
        ];
        for (name, text) in texts {
            if text.chars().count() > TEXT_MAX_CHARS {
                wrong.push(Field::new(format!("/{name}"), "a text has at most 5,000 characters"));
            }
        }
        if self.sections.len() > SECTIONS_MAX {
            wrong.push(Field::new("/sections", "a set has at most 20 sections"));
        }
        if self.sections.iter().map(|section| section.items.len()).sum::<usize>() > ITEMS_MAX {
            wrong.push(Field::new("/sections", "a set has at most 100 items in all sections"));
        }
        for (index, section) in self.sections.iter().enumerate() {
            if section.title.chars().count() > TEXT_MAX_CHARS {
                wrong.push(Field::new(format!("/sections/{index}/title"), "a text has at most 5,000 characters"));
            }
        }
        wrong
    }

    /// The file that says the same.
    pub(crate) fn written(&self) -> Written {
        let mut file = Written::default();
        // What is wrong with the set as a whole is told of the first line.
        file.line("# a team's set", "");
        file.text("title", &self.title, "/title");
        file.text("summary", &self.summary, "/summary");
        if let Some(limit) = &self.time_limit {
            file.text("time_limit", limit, "/time_limit");
        }
        if let Some(mark) = self.pass_mark {
            file.line(&format!("pass_mark = {mark:?}"), "/pass_mark");
        }
        file.line(&format!("navigation = \"{}\"", self.navigation.name()), "/navigation");
        file.line(&format!("feedback = \"{}\"", self.feedback.name()), "/feedback");
        file.line(&format!("shuffle = {}", self.shuffle), "/shuffle");
        for (index, section) in self.sections.iter().enumerate() {
            section.write(&mut file, &format!("/sections/{index}"));
        }
        file
    }
}

impl SectionDefinition {
    fn write(&self, file: &mut Written, pointer: &str) {
        file.line("[[sections]]", pointer);
        file.text("title", &self.title, &format!("{pointer}/title"));
        for (index, item) in self.items.iter().enumerate() {
            item.write(file, &format!("{pointer}/items/{index}"));
        }
    }
}

impl ItemDefinition {
    fn write(&self, file: &mut Written, pointer: &str) {
        file.line("[[sections.items]]", pointer);
        if let Some(points) = self.points {
            file.line(&format!("points = {points:?}"), &format!("{pointer}/points"));
        }
        let names = [("question", &self.question), ("prompt", &self.prompt)];
        for (key, id) in names {
            if let Some(id) = id {
                file.text(key, &id.to_string(), &format!("{pointer}/{key}"));
            }
        }
        if let Some(slug) = &self.exercise {
            file.text("exercise", slug.as_str(), &format!("{pointer}/exercise"));
        }
        if let Some(pool) = &self.pool {
            pool.write(file, &format!("{pointer}/pool"));
        }
    }
}

impl PoolDefinition {
    fn write(&self, file: &mut Written, pointer: &str) {
        file.line("[sections.items.pool]", pointer);
        if let Some(topic) = &self.topic {
            file.text("topic", topic.as_str(), &format!("{pointer}/topic"));
        }
        if let Some(tag) = &self.tag {
            file.text("tag", tag, &format!("{pointer}/tag"));
        }
        if let Some(kind) = self.kind {
            file.text("kind", kind.name(), &format!("{pointer}/kind"));
        }
        if let Some([low, high]) = self.difficulty {
            file.line(&format!("difficulty = [{low}, {high}]"), &format!("{pointer}/difficulty"));
        }
        file.line(&format!("count = {}", self.count), &format!("{pointer}/count"));
    }
}

impl Written {
    fn line(&mut self, line: &str, pointer: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.pointers.push(pointer.to_owned());
    }

    /// A text stands on one line, since a line feed in it is escaped.
    fn text(&mut self, key: &str, text: &str, pointer: &str) {
        let escaped = text.chars().map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
            c => c.to_string(),
        });
        let escaped: String = escaped.collect();
        self.line(&format!("{key} = \"{escaped}\""), pointer);
    }

    /// The place of a mistake in the JSON.
    pub(crate) fn field(&self, mistake: &Mistake) -> Field {
        self.field_at(mistake.line, &mistake.message)
    }

    /// The place in the JSON that a line came from, and what is wrong there.
    pub(crate) fn field_at(&self, line: usize, message: &str) -> Field {
        let pointer = line.checked_sub(1).and_then(|index| self.pointers.get(index));
        Field::new(pointer.map_or("", String::as_str), message)
    }

    /// The set that this is.
    ///
    /// # Errors
    /// All mistakes, each at its place in the JSON.
    pub(crate) fn read(&self, slug: Slug) -> Result<Set, Vec<Field>> {
        let read = Set::from_text(slug, &self.text);
        read.map_err(|mistakes| mistakes.iter().map(|mistake| self.field(mistake)).collect())
    }
}
