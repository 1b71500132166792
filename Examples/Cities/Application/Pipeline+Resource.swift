import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import ResponseCompression

extension Pipeline {
    /// The middleware of every resource, outermost first.
    ///
    /// - Parameters:
    ///   - key: The constructor of the key, which identifies the cached response and is the entity tag.
    ///   - fields: The request's fields that responses depend on besides negotiated ones.
    ///   - updatedAt: The stamp that every write touches; its time is sent as Last-Modified.
    ///   - exists: Whether the resource exists; nil if it always does.
    ///   - store: The store of the cache.
    ///   - counts: Counts the runs of handlers.
    ///   - runtime: Runs refreshes in the background and receives the logs and metrics of the cache.
    /// - Returns: The pipeline to wrap the resource's handlers with.
    static func resource(
        key: KeyConstructor,
        varyingBy fields: [HTTPField.Name] = [],
        updatedAt: VersionStamp,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        store: any CacheStore,
        counts: HandlerCounts,
        runtime: CacheRuntime
    ) -> Pipeline {
        var settings = CacheSettings.standard
        // Popular cities are served while they are refreshed and while the database is busy.
        settings.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
        return Pipeline {
            GzipMiddleware()
            KeyExplanationMiddleware(key: key)
            ETagMiddleware(key: key) {
                $0.rebuildsAfterMethodEvaluation = true
                $0.lastModified = { try await lastModified(for: $0, updatedAt) }
                $0.exists = exists
            }
            CacheResponseMiddleware(.minutes(15), key: key, in: store, runtime: runtime) { $0 = settings }
            // Inside the cache, which reads Vary and stores nothing if the key does not separate the fields in it.
            RepresentationMiddleware(varyingBy: [.accept, .acceptLanguage] + fields)
            HandlerCountMiddleware(counts: counts)
        }
    }

    /// Returns the time of the last write.
    ///
    /// - Throws: The error of the store, if the request has a condition on a date: an update whose condition cannot be
    ///   evaluated is refused. Other requests continue without Last-Modified.
    private static func lastModified(for exchange: Exchange, _ updatedAt: VersionStamp) async throws -> HTTPDate? {
        do {
            return HTTPDate(try await updatedAt.lastTouched(for: exchange))
        } catch {
            guard !exchange.request.headerFields.contains(.ifUnmodifiedSince) else { throw error }
            return nil
        }
    }
}
