package import HTTPPipeline
package import HTTPTypes
package import KeyConstructor

/// The rules that decide which responses a cache stores, under which key and for how long, and which requests an entry may answer.
///
/// The engine calls them and supplies the rest: single flight, stale responses, refreshes, purging, Cache-Status, stores that may
/// fail. `RouteRules` are the rules of ``CacheResponseMiddleware``. A conformer has to define how to compute a key, which responses
/// must not be stored, and how long a stored one is fresh; all other requirements have a default.
///
/// All functions may be called concurrently. Those without `async` run on the path of every hit or response, so they must not
/// block.
package protocol CachingRules: Sendable {
    // MARK: Requests

    /// Whether any response can be stored. Without it every request bypasses the cache.
    var storesAnything: Bool { get }

    /// Returns the reason why a request must bypass the cache, or nil when it may use it.
    ///
    /// By default a request with a body or with credentials bypasses the cache, because a key need not contain them.
    func bypass(_ exchange: Exchange, _ traits: RequestTraits) -> RefusalReason?

    /// Returns the key of a request if no waiting is needed for it. The cache then responds from a store in memory without suspension.
    func synchronousKey(for exchange: Exchange) -> CacheKey?

    /// Returns the key of a request; nil bypasses the cache.
    ///
    /// - Throws: An error that is logged; the request bypasses the cache.
    func key(for exchange: Exchange) async throws -> CacheKey?

    /// Returns a described request with what middleware around the cache adds to such a request, for the administration. The default is the
    /// request itself.
    func described(_ exchange: Exchange) async throws -> Exchange

    /// Returns the text from which ``key(for:)`` computes a key, for the administration; nil, the default, if there is none.
    ///
    /// - Throws: The error with which ``key(for:)`` fails.
    func explanation(for exchange: Exchange) async throws -> String?

    /// Returns a text that separates the handler runs of concurrent requests with the same key; nil, the default, if they share a
    /// run.
    func flightScope(of exchange: Exchange) -> String?

    // MARK: Entries

    /// Returns whether an entry under a request's key may answer the request. Freshness is checked separately. By default it may.
    func mayServe(_ entry: CacheEntry, to exchange: Exchange) -> Bool

    /// Returns how a response with these stored fields may be used once it is no longer fresh. By default it is as in the settings.
    func stalePolicy(for fields: HTTPFields, settings: StalePolicy) -> StalePolicy

    /// Returns the request that validates an entry with the handler (RFC 9111 section 4.3.1), or nil to forward the request as it
    /// is, which is the default. HEAD is forwarded as it is.
    func validation(of entry: CacheEntry, for exchange: Exchange) -> Exchange?

    /// Returns the response for an entry that the handler's response to ``validation(of:for:)`` confirms, with updated fields (RFC
    /// 9111 section 4.3.4), or nil when it does not confirm the entry.
    ///
    /// The returned response is stored and served instead of the handler's. After a 304 that does not confirm the entry, the
    /// request is forwarded unchanged.
    func response(updating entry: CacheEntry, with reply: Reply) -> Reply?

    /// The inputs of the keys, including values that the rules read outside of the request. By default all.
    var keyInputs: ExchangeInputs { get }

    // MARK: Responses

    /// Whether a request body that no field announces keeps a response from being stored once the handler has read it. By default
    /// it does.
    var tracksBody: Bool { get }

    /// Returns the reason why a response must not be stored, or nil when it may be.
    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason?

    /// Returns how long a response is fresh; nil is forever.
    ///
    /// - Throws: An error that is logged; the response is not stored.
    func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration?

    /// Returns how long a response is kept after its lifetime so that it can be validated. By default it is not kept.
    ///
    /// A response with neither a lifetime nor this time is not stored.
    func validationPeriod(of reply: Reply, to exchange: Exchange) -> Duration

    /// Returns the key under which a response is stored. By default it is the request's key.
    ///
    /// A response that varies has another key: the one that ``key(for:)`` returns for a request with the same selecting fields from
    /// now on. Requests that wait for the response receive it only if ``mayServe(_:to:)`` allows it.
    func storageKey(_ key: CacheKey, of reply: Reply, to exchange: Exchange) -> CacheKey

    /// Returns the tags by which the response can be purged, or nil when it cannot have all of them and is not stored.
    ///
    /// There are none by default.
    func tags(of reply: Reply, to exchange: Exchange) -> [String]?

    // MARK: Writes

    /// Returns the entries to purge after a successful response to an unsafe method.
    ///
    /// By default they are those of the request's path.
    func purges(after reply: Reply, to exchange: Exchange) -> [PurgeSelection]
}

extension CachingRules {
    package var keyInputs: ExchangeInputs { .all }

    package var storesAnything: Bool { true }

    package func bypass(_ exchange: Exchange, _ traits: RequestTraits) -> RefusalReason? {
        if exchange.hasBody(traits) { return .body }
        return traits.credentials.isEmpty ? nil : .credentials
    }

    package func synchronousKey(for exchange: Exchange) -> CacheKey? { nil }

    package func described(_ exchange: Exchange) async throws -> Exchange { exchange }

    package func explanation(for exchange: Exchange) async throws -> String? { nil }

    package func flightScope(of exchange: Exchange) -> String? { nil }

    package func mayServe(_ entry: CacheEntry, to exchange: Exchange) -> Bool { true }

    package func stalePolicy(for fields: HTTPFields, settings: StalePolicy) -> StalePolicy { settings }

    package func validation(of entry: CacheEntry, for exchange: Exchange) -> Exchange? { nil }

    package func response(updating entry: CacheEntry, with reply: Reply) -> Reply? { nil }

    package var tracksBody: Bool { true }

    package func validationPeriod(of reply: Reply, to exchange: Exchange) -> Duration { .zero }

    package func storageKey(_ key: CacheKey, of reply: Reply, to exchange: Exchange) -> CacheKey { key }

    package func tags(of reply: Reply, to exchange: Exchange) -> [String]? { [] }

    package func purges(after reply: Reply, to exchange: Exchange) -> [PurgeSelection] {
        exchange.request.path.map { [.url($0)] } ?? []
    }
}

extension Exchange {
    /// Returns whether the request has a body, which a handler may read although the method gives it no meaning.
    func hasBody(_ traits: RequestTraits) -> Bool {
        if let count = bufferedByteCount { return count > 0 }
        return traits.announcesBody
    }
}
