//! Permissions: tools that may be used without asking.

use agent_platform_core::{for_user, request, resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::id::PermissionId;
use crate::model::PermissionPolicy;
use crate::pages::list;

resource! {
    /// Permissions; from [`Client::permissions`](crate::Client::permissions).
    Permissions
}

impl<'c> Permissions<'c> {
    /// Lets the tool be used without asking. Where it may be already, that permission is returned.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// client.permissions().create("gmail").user("cust_123").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self, tool: impl Into<String>) -> CreatePermission<'c> {
        CreatePermission::new(self.session, (), types::PermissionCreate { tool: tool.into(), user_id: None })
    }

    /// What may be used without asking.
    pub fn list(self) -> ListPermissions<'c> {
        ListPermissions::new(self.session, ())
    }
}

scoped! {
    Permissions;
    /// Takes a permission back.
    delete(permission: PermissionId) -> (), DELETE_PERMISSION, finish_deletion, |request, user| request.api.delete_permission(permission.get(), user).await;
}

request! {
    /// The request of [`Permissions::create`].
    CreatePermission((), types::PermissionCreate) -> PermissionPolicy, CREATE_PERMISSION {
        /// The user of yours that it is for, instead of the client's.
        scope user: user;
    }
    |request, _none, body, user| {
        body.user_id = user;
        request.api.create_permission(&body).await
    }
}

list! {
    /// The request of [`Permissions::list`].
    ListPermissions(()) of PermissionPolicy, LIST_PERMISSIONS {}
    |request, _this, limit, cursor, user| request.api.list_permissions(limit, cursor, user).await
}
for_user!(ListPermissions);
