//! Calls of which nothing can be said but for which user they are.

agent_platform_core::scoped_request! {
    crate::platform::Formation;
    /// A request that is sent when it is awaited, for the client's user unless [`user`](Self::user) names one.
    Scoped {
        /// The user of yours that it is for, instead of the [client's](crate::FormationClient::for_user).
        user
    }
}
