import HTTPPipeline
public import HTTPTypes
public import KeyConstructor

/// How a ``CacheResponseMiddleware`` caches, as far as its route does not say it itself.
///
/// ```swift
/// var settings = CacheSettings.standard
/// settings.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
/// CacheResponseMiddleware(.minutes(15), in: store, settings: settings)
/// ```
public struct CacheSettings: Sendable {
    /// How long an answer is fresh where the route says nothing. For ever by default, as in drf-extensions.
    public var lifetime: CacheLifetime = .forever

    /// The key where the route gives none. `KeyConstructor.safeDefault` by default.
    public var key: KeyConstructor = .safeDefault

    /// The name of the store where the route gives neither store nor name.
    public var storeName = "default"

    /// Whether answers with a status of 400 and above are stored. They are not by default.
    public var cachesErrors = false

    /// Whether ``cachesErrors`` includes errors that the handler threw and the framework has rendered; a stored one is an error
    /// again when it is given. On by default, because throwing is how handlers answer with errors. drf-extensions never stores
    /// them.
    public var cachesThrownErrors = true

    /// How long answers with these statuses are fresh, whatever the route's lifetime, ``cachesErrors`` and ``cachesThrownErrors`` say:
    /// `[404: .seconds(10)]` is negative caching of what does not exist. A status that is never stored, such as 206, is not by
    /// this either.
    public var statusLifetimes: [Int: CacheLifetime] = [:]

    /// Whose requests a stored answer may be given to.
    public var sharing: Sharing = .guarded

    /// The header fields that are credentials: a request that has one bypasses the cache unless the key separates it, or the
    /// application has named the user and the key separates users. Authorization, Cookie, Proxy-Authorization and X-API-Key by default.
    public var credentialFields: Set<HTTPField.Name> = CacheSettings.standardCredentialFields

    /// The default of ``credentialFields``.
    public static let standardCredentialFields = Set(RequestTraits.Credentials.all.names)

    /// The largest body that is stored, in bytes. 1 MiB by default.
    public var maximumBodySize = 1 << 20

    /// Whether Set-Cookie is stored and given to whoever has the key. It is not by default, and with ``Sharing/guarded`` an answer
    /// that has it is not stored at all.
    public var storesSetCookie = false

    /// Further header fields that are not stored. Those of one connection, Content-Length and Date never are.
    public var unstoredFields: Set<HTTPField.Name> = []

    /// Whether concurrent requests for one answer wait for one run of the handler.
    public var singleFlight: SingleFlight = .enabled

    /// What may be done with answers that are not fresh any more.
    public var stale: StalePolicy = .none

    /// The part of a lifetime by which it is shortened at random, from 0 to 1, so that answers which were stored together do not
    /// end together. None by default.
    public var lifetimeJitter = 0.0

    /// Whether a request with `no-cache` in its Cache-Control is answered by the handler, and its answer stored. Off by default:
    /// any client could keep the handlers busy.
    public var honorsNoCache = false

    /// Whether an unsafe request that succeeds (2xx or 3xx) purges the entries of its path, with any query (RFC 9111 section 4.4).
    /// On by default.
    public var purgesURL = true

    /// What a purge that the middleware makes does to entries.
    public var purgeMode: PurgeMode = .hard

    /// What the cache calls itself in Cache-Status, logs and metrics: a token of RFC 9110.
    public var name = "ResponseCache"

    /// Whether Cache-Status is sent (RFC 9211). On by default.
    public var sendsStatus = true

    /// Whether Cache-Status also tells the key, the time to live and why something was not stored. Off by default: it is for
    /// development and for those who run the service.
    public var explainsStatus = false

    /// How long a request waits for a store outside the process, for all operations together. What takes longer is a miss. A store's own
    /// ``CacheStore/operationTimeout`` counts if it is less. 250 ms by default.
    public var storeTimeout: Duration = .milliseconds(250)

    /// When a failing store is left alone, and for how long.
    public var breaker = BreakerSettings()

    /// Creates the settings that are right by default.
    public init() {}

    /// What is right by default.
    public static let standard = CacheSettings()

    /// What drf-extensions does: a key of method, format and language, errors stored as well, whoever asks, every concurrent
    /// miss runs the handler, and nothing is ever purged. The bugs that its documents list are not among it.
    ///
    /// It gives the answer for one user, query or path to another, unless each key is composed with care.
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
