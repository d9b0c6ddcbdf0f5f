//! Users: those of yours, as m8tes knows them.

use agent_platform_core::{request, resource};
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::UserId;
use crate::model::EndUser;
use crate::pages::list;

resource! {
    /// The account's users; from [`Client::users`](crate::Client::users).
    Users
}

impl<'c> Users<'c> {
    /// Makes a user, with the id that you have for them. A memory, a permission or a run for one makes them, too.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// client.users().create("cust_123").name("Acme Corp").email("admin@acme.com").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if there is such a user.
    pub fn create(self, user: impl Into<UserId>) -> CreateUser<'c> {
        let body = types::EndUserCreate {
            company: None,
            cost_limit_cents: None,
            email: None,
            metadata: None,
            name: None,
            rate_per_minute: None,
            run_limit: None,
            user_id: String::new(),
        };
        CreateUser::new(self.session, user.into(), body)
    }

    /// All users.
    pub fn list(self) -> ListUsers<'c> {
        ListUsers::new(self.session, ())
    }

    /// A user as they are now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such user.
    pub async fn get(self, user: impl Into<UserId>) -> Result<EndUser, Error> {
        let user = user.into();
        let request = self.session.request(&operations::GET_USER);
        let outcome = request.api.get_user(request.segment(&user)?).await;
        request.finish(outcome)
    }

    /// Changes a user: what is not said stays as it is.
    pub fn update(self, user: impl Into<UserId>) -> UpdateUser<'c> {
        UpdateUser::new(self.session, user.into(), types::EndUserUpdate::default())
    }

    /// Takes a user away.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such user.
    pub async fn delete(self, user: impl Into<UserId>) -> Result<(), Error> {
        let user = user.into();
        let request = self.session.request(&operations::DELETE_USER);
        let outcome = request.api.delete_user(request.segment(&user)?).await;
        request.finish_deletion(outcome)
    }
}

request! {
    /// The request of [`Users::create`].
    CreateUser(UserId, types::EndUserCreate) -> EndUser, CREATE_USER {
        /// The name.
        text name: name;
        /// The address.
        text email: email;
        /// The company.
        text company: company;
        /// What you keep with them: anything that serializes to a JSON object.
        object metadata: metadata;
        /// How many runs they may start. As the account is set unless said.
        number run_limit: run_limit;
        /// How many US cents they may spend. As the account is set unless said.
        number cost_limit_cents: cost_limit_cents;
        /// How many requests may be made for them in a minute. As the account is set unless said.
        number rate_per_minute: rate_per_minute;
    }
    |request, id, body| {
        // One that could not be asked for again is not made.
        body.user_id = request.segment(&id)?.to_owned();
        request.api.create_user(&body).await
    }
}

request! {
    /// The request of [`Users::update`]. Where `None` may be given, it means: as the account is set.
    UpdateUser(UserId, types::EndUserUpdate) -> EndUser, UPDATE_USER {
        /// The name.
        text name: name;
        /// The address.
        text email: email;
        /// The company.
        text company: company;
        /// What you keep with them, instead of all before: anything that serializes to a JSON object.
        object metadata: metadata;
        /// How many runs they may start.
        nullable_number run_limit: run_limit;
        /// How many US cents they may spend.
        nullable_number cost_limit_cents: cost_limit_cents;
        /// How many requests may be made for them in a minute.
        nullable_number rate_per_minute: rate_per_minute;
    }
    |request, id, body| request.api.update_user(request.segment(&id)?, &body).await
}

list! {
    /// The request of [`Users::list`].
    ListUsers(()) of EndUser, LIST_USERS {}
    |request, _this, limit, cursor| request.api.list_users(limit, cursor).await
}
