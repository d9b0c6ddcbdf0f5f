//! SOPs: how the formation is to go about things.

use agent_platform_core::resource;
use muxi_formation_client::operations;

use crate::error::Error;
use crate::id::SopName;
use crate::model::Sop;
use crate::platform::request_for;

resource! {
    /// The formation's standard operating procedures; from [`FormationClient::sops`](crate::FormationClient::sops). They take the
    /// client key.
    Sops
}

impl Sops<'_> {
    /// All of them, without what is in them.
    pub async fn list(self) -> Result<Vec<Sop>, Error> {
        let request = request_for(self.session, &operations::LIST_SOPS, None)?;
        let outcome = request.api.list_sops().await;
        request.finish(outcome)
    }

    /// One of them, with what is in it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of that name.
    pub async fn get(self, sop: impl Into<SopName>) -> Result<Sop, Error> {
        let sop = sop.into();
        let request = request_for(self.session, &operations::GET_SOP, None)?;
        let outcome = request.api.get_sop(request.segment(&sop)?).await;
        request.finish(outcome)
    }
}
