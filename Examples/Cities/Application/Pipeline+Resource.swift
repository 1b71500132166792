import CacheMiddleware
import Compression
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Logging

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
    ///   - logger: Is told of a store that fails.
    /// - Returns: The pipeline to wrap the resource's handlers with.
    static func resource(
        key: KeyConstructor,
        varyingBy fields: [HTTPField.Name] = [],
        updatedAt: VersionStamp,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        store: MemoryStore,
        counts: HandlerCounts,
        logger: Logger
    ) -> Pipeline {
        Pipeline {
            GzipMiddleware()
            KeyExplanationMiddleware(key: key)
            ETagMiddleware(
                key: key, rebuildAfterMethodEvaluation: true,
                lastModified: { _ in HTTPDate(try await updatedAt.lastTouched()) }, exists: exists
            )
            CacheResponseMiddleware(timeout: .minutes(15), key: key, in: store, runtime: CacheRuntime(logger: logger))
            // Inside the cache, which reads Vary and stores nothing under a key that does not tell apart what it names.
            RepresentationMiddleware(varyingBy: [.accept, .acceptLanguage] + fields)
            HandlerCountMiddleware(counts: counts)
        }
    }
}
