import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import ResponseCompression

extension Pipeline {
    /// What every resource of the application goes through, outermost first.
    ///
    /// - Parameters:
    ///   - key: Makes the key, which is the entity tag and the place in the cache.
    ///   - fields: The request's fields that the answers depend on besides those that are negotiated.
    ///   - updatedAt: Is touched by every write; its time is sent as Last-Modified.
    ///   - exists: Whether the resource is there, where that is not certain.
    ///   - store: Where answers are kept.
    ///   - counts: Counts the runs of handlers.
    ///   - runtime: Where answers are made anew in the background, and who is told what the cache decides.
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
        // A city that is asked for often is there while it is made anew, and while the database is busy.
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
            // Inside the cache, which reads Vary and stores nothing under a key that does not tell apart what it names.
            RepresentationMiddleware(varyingBy: [.accept, .acceptLanguage] + fields)
            HandlerCountMiddleware(counts: counts)
        }
    }

    /// When something was written last.
    ///
    /// - Throws: What the store throws that keeps the time, if the request has to know it: an update whose condition on a date
    ///   nobody can judge is refused. Any other goes on without Last-Modified.
    private static func lastModified(for exchange: Exchange, _ updatedAt: VersionStamp) async throws -> HTTPDate? {
        do {
            return HTTPDate(try await updatedAt.lastTouched(for: exchange))
        } catch {
            guard !exchange.request.headerFields.contains(.ifUnmodifiedSince) else { throw error }
            return nil
        }
    }
}
