/// Whose requests a stored answer may be given to.
public enum Sharing: String, Sendable, Hashable, CaseIterable {
    /// To those that the key and the answer allow; the default.
    ///
    /// A request with Authorization or Cookie goes past the cache unless the key separates them. An answer with
    /// Set-Cookie, with `private`, `no-store` or `no-cache` in Cache-Control, or with a Vary field that the key does not
    /// separate is not stored.
    case guarded

    /// To the user whose request it was made for.
    ///
    /// The cache adds the user to a key that lacks it. Answers to a user whom the application has named may say `private`.
    /// Anonymous requests share their answers among themselves; one with Authorization or Cookie is somebody whom the
    /// application has not named, and goes past the cache. All else is as with ``guarded``.
    case perUser

    /// To everyone who has the key, as in drf-extensions. The route vouches for its answers: that none holds anything of one user,
    /// and that the key separates what they vary with. Cache-Control and Vary of an answer do not keep it from being stored;
    /// Set-Cookie is removed from what is.
    case `public`
}
