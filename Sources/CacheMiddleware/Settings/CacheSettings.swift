package import HTTPPipeline
public import HTTPTypes
public import KeyConstructor

/// The settings of a ``CacheResponseMiddleware`` besides its lifetime, key and store.
///
/// ```swift
/// CacheResponseMiddleware(.minutes(15), in: store) {
///     $0.tags = ["articles"]
///     $0.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
/// }
/// ```
///
/// Routes with the same settings share a value:
///
/// ```swift
/// CacheResponseMiddleware(.minutes(15), in: store) { $0 = .articles }
/// ```
public struct CacheSettings: Sendable {
    /// The lifetime of responses if the route specifies none. Forever by default, as in drf-extensions.
    public var lifetime: CacheLifetime = .forever

    /// The key if the route specifies none. `KeyConstructor.safeDefault` by default.
    public var key: KeyConstructor = .safeDefault

    /// The name of the store in a ``CacheStores``: see ``CacheStores/store(named:)``.
    public var storeName = "default"

    /// The tags by which the responses can be purged. None by default.
    public var tags: CacheTags = .none

    /// The tags whose entries an unsafe request purges when it succeeds. None by default.
    public var purgesTags: CacheTags = .none

    /// Whether responses with a status of 400 or above are stored. They are not by default.
    public var cachesErrors = false

    /// Whether ``cachesErrors`` includes errors that the handler threw and the framework has rendered; serving a stored one counts
    /// as an error again. On by default, because throwing is how handlers respond with errors. drf-extensions never stores them.
    public var cachesThrownErrors = true

    /// The lifetimes of responses with these statuses, regardless of the route's lifetime, ``cachesErrors`` and
    /// ``cachesThrownErrors``: `[404: .seconds(10)]` is negative caching of missing resources. A status that is never stored, such
    /// as 206, is not stored through this setting either.
    public var statusLifetimes: [Int: CacheLifetime] = [:]

    /// The requests that a stored response may answer.
    public var sharing: Sharing = .guarded

    /// The header fields that are credentials: a request that has one bypasses the cache unless the key separates it, or the
    /// application has named the user and the key separates users. Authorization, Cookie, Proxy-Authorization and X-API-Key by
    /// default.
    public var credentialFields: Set<HTTPField.Name> = CacheSettings.standardCredentialFields

    /// The cookies that are credentials, if Cookie is one of ``credentialFields``: a request bypasses the cache if it has one that
    /// the key does not contain. All cookies by default.
    ///
    /// ```swift
    /// settings.credentialCookies = .allExcept(["_ga*", "theme"])
    /// ```
    public var credentialCookies: CookieSelection = .all

    /// The default of ``credentialFields``.
    public static let standardCredentialFields = Set(RequestTraits.Credentials.all.names)

    /// The largest body that is stored, in bytes. 1 MiB by default.
    public var maximumBodySize = 1 << 20

    /// Whether Set-Cookie is stored and served to every request with the same key. It is not by default, and with
    /// ``Sharing/guarded`` a response that has it is not stored at all.
    public var storesSetCookie = false

    /// Additional header fields that are not stored. Hop-by-hop fields, Content-Length and Date are never stored.
    public var unstoredFields: Set<HTTPField.Name> = []

    /// Whether concurrent requests for the same response wait for one run of the handler.
    public var singleFlight: SingleFlight = .enabled

    /// The policy for responses that are no longer fresh.
    public var stale: StalePolicy = .none

    /// The maximum fraction, from 0 to 1, by which a lifetime is shortened at random, so that responses that were stored together
    /// do not expire together. 0 by default.
    public var lifetimeJitter = 0.0

    /// Whether a request with `no-cache` in its Cache-Control runs the handler, whose response is then stored. Off by default: any
    /// client could keep the handlers busy.
    public var honorsNoCache = false

    /// Whether an unsafe request that succeeds (2xx or 3xx) purges the entries of its path, with any query (RFC 9111 section 4.4).
    /// On by default.
    public var purgesURL = true

    /// The mode of the purges that the middleware performs.
    public var purgeMode: PurgeMode = .hard

    /// The name of the cache in Cache-Status, logs and metrics: a token of RFC 9110.
    public var name = "ResponseCache"

    /// Whether responses have a Cache-Status field (RFC 9211). On by default.
    public var sendsStatus = true

    /// Whether Cache-Status also contains the key, the time to live and the reason why a response was not stored. Off by default:
    /// it is for developers and operators.
    public var explainsStatus = false

    /// The time that a request waits for a store outside the process, for all operations together. A slower operation is a miss. A
    /// smaller ``CacheStore/operationTimeout`` of the store takes precedence. 250 ms by default.
    public var storeTimeout: Duration = .milliseconds(250)

    /// The settings of the circuit breaker of a store outside the process.
    public var breaker = BreakerSettings()

    /// Whether an adapter may answer hits from the bytes of the request, below the framework. Off by default.
    ///
    /// A server with such an adapter (`ChannelHits` of `HummingbirdPipeline`) then answers a request without credentials whose bytes
    /// are identical to those of an earlier hit, without running the router or any middleware. With this setting the route states:
    ///
    /// - Language, format, attributes, the rest of the context, and all that middleware adds to the response follow from the bytes
    ///   of the request, apart from ``VersionStamp``s.
    /// - No middleware has to see hits. Rate limits do not count them, access logs do not contain them, and authentication by
    ///   anything but header fields, such as client certificates or addresses, is not consulted.
    ///
    /// Purges, stamps and lifetimes apply as to other hits. It has no effect on caches whose decisions are logged at level debug,
    /// traced, or explained (``explainsStatus``).
    public var answersBelowFramework = false

    /// Adds to a request that the administration describes what middleware around the cache adds to requests.
    package var described: (@Sendable (Exchange) async throws -> Exchange)?

    /// Creates the default settings.
    public init() {}

    /// The default settings.
    public static let standard = CacheSettings()

    /// The behavior of drf-extensions: a key of method, format and language, errors are stored, responses are shared by all
    /// clients, every concurrent miss runs the handler, and nothing is ever purged. The bugs that its documentation lists are not
    /// reproduced.
    ///
    /// It serves the response for one user, query or path to another, unless each key is composed with care.
    public static let drf: CacheSettings = {
        var settings = CacheSettings()
        settings.key = .default
        settings.cachesErrors = true
        settings.cachesThrownErrors = false
        settings.sharing = .public
        settings.singleFlight = .disabled
        settings.purgesURL = false
        settings.sendsStatus = false
        return settings
    }()
}
