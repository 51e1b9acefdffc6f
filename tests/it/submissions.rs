//! Handing in, being graded, and what can be seen of it: by REST, with a grader that does what the files say.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use quorate::submissions::events::Progress;
use quorate::submissions::queue::{Graded, Job, Rules};
use quorate::submissions::{Mode, Report, Verdict};
use quorate::worker::{Crew, Failure, Grade, Worker};
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, Database, Fixture, Person, TestApp, for_each_database};

for_each_database![what_is_handed_in_is_graded,];

/// Grades by the first line of `src/lib.rs`: `accept`, `reject`, `fail` (ours), `panic`, `hold` (until let go).
#[derive(Default)]
struct Script {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Script {
    fn let_go(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn hold(&self) {
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }
}

impl Grade for Script {
    fn prepare(&self, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    fn grade(&self, job: &Job, _: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        tell(Progress::Stage { name: "build".into() });
        let line = job.files["src/lib.rs"].lines().next().unwrap_or_default().trim_start_matches("// ");
        match line {
            "fail" => return Err("the machine is on fire".into()),
            "panic" => panic!("the machine is on fire"),
            "hold" => self.hold(),
            _ => {}
        }
        tell(Progress::Test { title: "Adds".into(), verdict: "passed".into(), done: 1, of: 1 });
        let (verdict, score) = if line == "reject" { (Verdict::WrongAnswer, 0) } else { (Verdict::Accepted, 3) };
        Ok(Graded { verdict, score, max_score: 3, report: Report::default() })
    }
}

fn crew(app: &TestApp, at_once: usize) -> (Arc<Script>, Worker) {
    let script = Arc::new(Script::default());
    let rules = Rules { again_after: Duration::ZERO, ..Rules::default() };
    let crew = Crew {
        queue: app.submissions.queue(rules),
        exercises: app.exercises.clone(),
        grader: script.clone(),
        name: "test".to_owned(),
        at_once,
    };
    (script, crew.start())
}

/// The service with the small packages.
struct WithPackages(TestApp);

impl Fixture for WithPackages {
    async fn on(backend: Backend) -> Self {
        let packages = "tests/fixtures/packages".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(vec![packages])))
    }
}

async fn hand_in(person: &Person, lib: &str) -> Answer {
    person.post("/api/v1/exercises/adder/submissions", json!({"files": {"src/lib.rs": format!("// {lib}\n")}})).await
}

async fn finished(person: &Person, submission: &Value) -> Value {
    person.get(&format!("/api/v1/submissions/{}?wait=30", submission["id"].as_str().unwrap())).await.ok(200)
}

async fn what_is_handed_in_is_graded(WithPackages(app): WithPackages) {
    let (_, worker) = crew(&app, 1);
    let ada = app.person("Ada").await;
    let answer = hand_in(&ada, "accept").await;
    let submission = answer.ok(202);
    let id = submission["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/submissions/{id}"));
    let graded = finished(&ada, &submission).await;
    assert_eq!((&graded["state"], &graded["verdict"]), (&json!("finished"), &json!("accepted")));
    assert_eq!((&graded["score"], &graded["max_score"]), (&json!(3), &json!(3)));
    worker.stop().await;
}
