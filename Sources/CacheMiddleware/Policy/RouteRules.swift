package import HTTPPipeline
import HTTPTypes
package import KeyConstructor

/// The rules of ``CacheResponseMiddleware``: keys and lifetimes are the route's, not those of a response's Cache-Control.
package struct RouteRules: CachingRules {
    private let key: CacheKeySource
    private let lifetime: CacheLifetime
    private let statusLifetimes: [Int: CacheLifetime]
    private let defaultLifetime: CacheLifetime
    private let tags: CacheTags
    private let purgesTags: CacheTags
    private let purgesURL: Bool
    private let storage: StoragePolicy
    private let omittedTags: OmittedTagReporter
    /// Whether an entry is served only for the path that it was stored for: writes purge by path, and the keys do not contain it.
    private let comparesPaths: Bool
    private let describe: (@Sendable (Exchange) async throws -> Exchange)?

    package let storesAnything: Bool
    package let tracksBody: Bool

    /// Creates the rules of a route.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of the route's responses.
    ///   - key: The source of the route's keys.
    ///   - settings: All other settings.
    ///   - omittedTags: Reports tags whose parameter the route lacks.
    init(
        _ lifetime: CacheLifetime, key: CacheKeySource, settings: CacheSettings, omittedTags: OmittedTagReporter
    ) {
        let key = settings.sharing == .perUser ? key.perUser : key
        let lifetime = if case .settings = lifetime.source { settings.lifetime } else { lifetime }
        self.key = key
        self.lifetime = lifetime
        defaultLifetime = settings.lifetime
        statusLifetimes = settings.statusLifetimes
        tags = settings.tags
        purgesTags = settings.purgesTags
        purgesURL = settings.purgesURL
        storage = StoragePolicy(separates: key.separates, settings: settings)
        self.omittedTags = omittedTags
        comparesPaths = settings.purgesURL && !key.separates.path
        storesAnything = !lifetime.storesNothing || settings.statusLifetimes.values.contains { !$0.storesNothing }
        tracksBody = storage.tracksBody
        describe = settings.described
    }

    package var keyInputs: ExchangeInputs { key.inputs }

    package func bypass(_ exchange: Exchange, _ traits: RequestTraits) -> RefusalReason? {
        storage.bypass(exchange, traits)
    }

    package func synchronousKey(for exchange: Exchange) -> CacheKey? { key.synchronousKey(for: exchange) }

    package func key(for exchange: Exchange) async throws -> CacheKey? { try await key.key(for: exchange) }

    package func described(_ exchange: Exchange) async throws -> Exchange { try await describe?(exchange) ?? exchange }

    package func explanation(for exchange: Exchange) async throws -> String? {
        try await key.explanation(for: exchange)
    }

    package func flightScope(of exchange: Exchange) -> String? {
        comparesPaths ? exchange.request.path.map(CacheEntry.normalizedPath) ?? "" : nil
    }

    /// Returns whether an entry may answer a request.
    ///
    /// Several paths may share a key that does not contain the path. An entry is purged by the path that it was stored for, so it
    /// is served only for that path; the response for another path replaces it.
    package func mayServe(_ entry: CacheEntry, to exchange: Exchange) -> Bool {
        guard comparesPaths else { return true }
        guard let path = entry.path, let target = exchange.request.path else {
            return entry.path == nil && exchange.request.path == nil
        }
        return Self.isTarget(target, of: path) || CacheEntry.normalizedPath(target).hasBytes(of: path)
    }

    /// Returns whether a target is exactly a path, with or without a query.
    private static func isTarget(_ target: String, of path: String) -> Bool {
        guard target.hasBytes(of: path, at: 0) else { return false }
        let rest = target.utf8.dropFirst(path.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "?")
    }

    package func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? {
        storage.rejection(of: reply, to: exchange)
    }

    package func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? {
        let lifetime = statusLifetimes[reply.status.code] ?? lifetime
        return try await lifetime.duration(of: reply, to: exchange, settings: defaultLifetime)
    }

    package func tags(of reply: Reply, to exchange: Exchange) -> [String]? {
        tags.tags(of: reply, to: exchange) { omittedTags.report($0, exchange) }
    }

    package func purges(after reply: Reply, to exchange: Exchange) -> [PurgeSelection] {
        let tags = purgesTags.purgedTags(of: reply, to: exchange) { omittedTags.report($0, exchange) }
        var selections = tags.map { PurgeSelection.tag($0) }
        if purgesURL, let path = exchange.request.path { selections.append(.url(path)) }
        return selections
    }
}
