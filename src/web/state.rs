//! What the server hands to its handlers, beside the services of the features.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::config::Config;
use crate::error::Result;
use crate::http::address::TrustedProxies;
use crate::http::cookies::Cookies;
use crate::http::csrf::PublicOrigin;
use crate::http::shared::SharedParts;
use crate::http::templates::Templates;
use crate::rate_limits::RateLimits;
use crate::services::Services;

/// Everything that handlers name as `web::Data`. Cheap to clone; all threads of the server share it.
#[derive(Clone)]
pub struct State {
    /// The services of all features.
    pub services: Services,
    /// How much a caller may ask for.
    pub limits: Arc<RateLimits>,
    templates: Data<Templates>,
    shared: Data<SharedParts>,
    pub(super) cookies: Cookies,
    origin: Data<PublicOrigin>,
    pub(super) proxies: Data<TrustedProxies>,
}

impl State {
    /// The state of a server with this configuration.
    ///
    /// # Errors
    /// 500 `internal` when a template that is part of the program has a mistake.
    pub fn new(services: Services, config: &Config) -> Result<Self> {
        Ok(Self {
            services,
            limits: Arc::new(RateLimits::new(config.rate_limits)),
            templates: Data::new(Templates::embedded()?),
            shared: Data::default(),
            cookies: Cookies::for_url(&config.public_url),
            origin: Data::new(PublicOrigin::of(&config.public_url)),
            proxies: Data::new(TrustedProxies::new(config.trusted_proxies.clone())),
        })
    }

    /// Registers each part by its type, so that a handler names what it needs and nothing else.
    pub(super) fn register(&self, config: &mut ServiceConfig) {
        let Services {
            db,
            clock,
            accounts,
            bank,
            audit: _,
            teams,
            material,
            sets,
            attempts,
            practice,
            exercises,
            submissions,
            outbox: _,
            records,
        } = self.services.clone();
        config
            .app_data(Data::new(db))
            .app_data(Data::new(clock))
            .app_data(Data::new(accounts))
            .app_data(Data::new(bank))
            .app_data(Data::new(teams))
            .app_data(Data::new(material))
            .app_data(Data::new(sets))
            .app_data(Data::new(attempts))
            .app_data(Data::new(practice))
            .app_data(Data::new(exercises))
            .app_data(Data::new(submissions))
            .app_data(Data::new(records))
            .app_data(Data::from(Arc::clone(&self.limits)))
            .app_data(self.templates.clone())
            .app_data(self.shared.clone())
            .app_data(Data::new(self.cookies))
            .app_data(self.origin.clone())
            .app_data(self.proxies.clone());
    }
}
