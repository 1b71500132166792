/// Whose requests a stored answer may be given to.
public enum Sharing: Sendable, Hashable {
    /// To those that the key and the answer allow; the default.
    ///
    /// A request with Authorization or Cookie goes past the cache unless the key separates them. An answer with
    /// Set-Cookie, with `private`, `no-store` or `no-cache` in Cache-Control, or with a Vary field that the key does not
    /// separate is not stored.
    case guarded

    /// To everyone who has the key. The route vouches that no answer holds anything of one user; Set-Cookie is removed
    /// from what is stored.
    case `public`
}
