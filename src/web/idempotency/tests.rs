//! What becomes of a key when something breaks in the middle.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Service;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage as _};
use diesel::connection::SimpleConnection as _;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::accounts::{NewAccount, Registration};
use crate::config::Settings;
use crate::services::Services;

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// The services on a database of their own, with one person.
struct Fixture {
    services: Services,
    person: UserId,
    _folder: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: Some(folder.path().to_owned()),
            questions: Some(vec!["tests/fixtures/bank".into()]),
            graders: Some(vec!["tests/fixtures/packages".into()]),
            ..Settings::default()
        };
        let clock = Clock::manual(Timestamp::from_micros(1_767_225_600_000_000));
        let services = Services::open(&settings.resolve().unwrap(), clock).unwrap();
        let form = Registration {
            email: "ada@example.org".into(),
            password: "correct horse battery staple".into(),
            display_name: "Ada".into(),
        };
        let person = services.accounts.register(NewAccount::try_from(form).unwrap()).await.unwrap().user.id;
        Self { services, person, _folder: folder }
    }

    /// Sends the same request with the same key, as often as it's called, to an application with this handler.
    async fn to<F: Future<Output = Result<HttpResponse>> + 'static>(
        &self,
        handler: impl Fn() -> F + Clone + 'static,
    ) -> impl Fn() -> LocalFuture<ServiceResponse<BoxBody>> {
        let caller = Caller { id: self.person, session: None };
        let endpoint =
            web::resource("/effect").post(handler).wrap(from_fn(idempotency)).wrap_fn(move |request, next| {
                request.extensions_mut().insert(caller.clone());
                next.call(request)
            });
        let (db, clock) = (self.services.db.clone(), self.services.clock.clone());
        let app = App::new().app_data(web::Data::new(db)).app_data(web::Data::new(clock)).service(endpoint);
        let app = Rc::new(init_service(app).await);
        move || {
            let app = app.clone();
            let request = TestRequest::post().uri("/effect").insert_header(("idempotency-key", "one")).to_request();
            Box::pin(async move { app.call(request).await.unwrap() })
        }
    }
}

/// The status of an answer, and the code of a refusal.
fn outcome(response: &ServiceResponse<BoxBody>) -> (u16, &'static str) {
    let code = match response.response().error().and_then(|error| error.as_error::<Error>()) {
        Some(Error::Refused(refusal)) => refusal.code,
        Some(_) => "a failure",
        None => "",
    };
    (response.status().as_u16(), code)
}

const CARRIED_OUT: (u16, &str) = (201, "");
const FAILED: (u16, &str) = (500, "a failure");
const UNDER_WAY: (u16, &str) = (409, "idempotency_under_way");
const UNKNOWN: (u16, &str) = (409, "idempotency_outcome_unknown");

#[actix_web::test]
async fn a_client_that_goes_away_leaves_a_request_that_is_carried_out_once() {
    let fixture = Fixture::new().await;
    let (begun, go_on, times) = (Rc::new(Notify::new()), Rc::new(Notify::new()), Rc::new(Cell::new(0)));
    let handler = {
        let (begun, go_on, times) = (begun.clone(), go_on.clone(), times.clone());
        move || {
            let (begun, go_on, times) = (begun.clone(), go_on.clone(), times.clone());
            async move {
                begun.notify_one();
                go_on.notified().await;
                times.set(times.get() + 1);
                Ok(HttpResponse::Created().body("done"))
            }
        }
    };
    let send = fixture.to(handler).await;
    tokio::select! {
        _ = send() => panic!("the handler waits"),
        () = begun.notified() => {}
    }
    assert_eq!(outcome(&send().await), UNDER_WAY);
    go_on.notify_one();
    let mut answer = send().await;
    for _ in 0..1000 {
        if outcome(&answer) != UNDER_WAY {
            break;
        }
        answer = send().await;
    }
    assert_eq!(outcome(&answer), CARRIED_OUT);
    assert_eq!(to_bytes(answer.into_body()).await.unwrap(), "done");
    assert_eq!(times.get(), 1);
}

#[actix_web::test]
async fn an_answer_that_can_not_be_stored_is_given_and_its_request_not_repeated() {
    let fixture = Fixture::new().await;
    let times = Rc::new(Cell::new(0));
    let send = fixture.to(counting(&times, || Ok(HttpResponse::Created().body("done")))).await;
    let broken = "CREATE TRIGGER broken BEFORE UPDATE ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'broken'); END";
    fixture.services.db.write(move |c| Ok::<_, crate::db::Error>(c.batch_execute(broken)?)).await.unwrap();
    assert_eq!(outcome(&send().await), CARRIED_OUT);
    assert_eq!(outcome(&send().await), UNDER_WAY);
    fixture.services.clock.advance(LAPSE + Duration::from_secs(1));
    assert_eq!(outcome(&send().await), UNKNOWN);
    assert_eq!(times.get(), 1);
}

#[actix_web::test]
async fn a_failure_may_have_had_an_effect() {
    let fixture = Fixture::new().await;
    let times = Rc::new(Cell::new(0));
    let send = fixture.to(counting(&times, || Err(Error::internal("read what was written", "broken")))).await;
    assert_eq!(outcome(&send().await), FAILED);
    assert_eq!(outcome(&send().await), UNKNOWN);
    assert_eq!(times.get(), 1);
    fixture.services.clock.advance(KEPT);
    assert_eq!(outcome(&send().await), FAILED, "after a day the key is as good as new");
}

/// A handler that counts how many times it is called.
fn counting(
    times: &Rc<Cell<u32>>,
    answer: impl Fn() -> Result<HttpResponse> + Clone + 'static,
) -> impl Fn() -> std::future::Ready<Result<HttpResponse>> + Clone + 'static {
    let times = times.clone();
    move || {
        times.set(times.get() + 1);
        std::future::ready(answer())
    }
}
