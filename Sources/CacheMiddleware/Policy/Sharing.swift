/// The requests that a stored response may answer.
public struct Sharing: Sendable, Hashable, CustomStringConvertible {
    private enum Rule: String {
        case guarded
        case perUser
        case `public`
    }

    private let rule: Rule

    /// The name of the value in settings.
    public var description: String { rule.rawValue }

    /// Requests that the key and the response allow; the default.
    ///
    /// A request with credentials bypasses the cache unless the key separates them: ``CacheSettings/credentialFields``, and in Cookie
    /// ``CacheSettings/credentialCookies``. A response is not stored if it has
    /// Set-Cookie, `private`, `no-store` or `no-cache` in Cache-Control, or a Vary field that the key does not separate.
    public static let guarded = Sharing(rule: .guarded)

    /// Requests of the user whose request produced the response.
    ///
    /// The cache adds the user to a key that lacks it. Responses to a user whom the application has named may have `private`.
    /// Anonymous requests share their responses with each other. A request with credentials but without a named user
    /// bypasses the cache. All other rules are those of ``guarded``.
    public static let perUser = Sharing(rule: .perUser)

    /// All requests with the same key, as in drf-extensions. The route guarantees that its responses contain no data of one user,
    /// and that the key separates all fields that they vary with. Cache-Control and Vary of a response do not prevent its storage;
    /// Set-Cookie is removed from stored responses.
    public static let `public` = Sharing(rule: .public)
}
