//! Calls of which nothing can be said but for which user they are.

agent_platform_core::scoped_request! {
    crate::platform::M8tes;
    /// A request that is sent when it is awaited, for the client's user unless [`user`](Self::user) names one.
    Scoped {
        /// The user of yours that it is for, instead of the [client's](crate::Client::for_user). What is another user's, or
        /// the account's own, is not found then.
        user
    }
}
