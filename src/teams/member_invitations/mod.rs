//! Links by which somebody becomes a member of a team. A link is good for one person and for two weeks; looking at it uses nothing
//! up, accepting it does.

mod service;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Role, field};
use crate::accounts::Email;
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::id::MemberInvitationId;

/// An invitation that nobody has accepted yet, as the team's owners see it. The link itself is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemberInvitation {
    /// The id of the invitation, prefixed `min_`.
    pub id: MemberInvitationId,
    /// What the new member may do.
    pub role: Role,
    /// The only address whose account can accept it; null when any can.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// An invitation that was just made, with the secret part of its link.
#[derive(Debug, Clone)]
pub struct IssuedInvitation {
    /// What the address of the link ends with. It's shown this once.
    pub token: String,
    /// What lists show of it.
    pub listed: MemberInvitation,
}

/// What a link offers to whoever opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Offer {
    /// The name of the team.
    pub team: String,
    /// What the new member may do.
    pub role: Role,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// What inviting somebody needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    /// What the new member may do.
    pub role: Role,
    /// The only address whose account can accept it; any can when it is left out.
    #[serde(default, deserialize_with = "crate::optional_field::deserialize")]
    #[schema(format = "email", max_length = 254, nullable = false, example = "grace@example.org")]
    pub email: Option<String>,
}

/// A request for an invitation whose address is one.
#[derive(Clone)]
pub struct NewInvitation {
    role: Role,
    email: Option<Email>,
}

impl TryFrom<InvitationRequest> for NewInvitation {
    type Error = Refusal;

    fn try_from(request: InvitationRequest) -> Result<Self, Refusal> {
        let email = request.email.map(|text| Email::parse(&text)).transpose();
        let email = email.map_err(|detail| Refusal::invalid(vec![field("email", detail)]))?;
        Ok(Self { role: request.role, email })
    }
}
