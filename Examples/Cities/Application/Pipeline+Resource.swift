import CacheMiddleware
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
    ///   - store: Where answers are kept.
    ///   - counts: Counts the runs of handlers.
    ///   - logger: Is told of a store that fails.
    /// - Returns: The pipeline to wrap the resource's handlers with.
    static func resource(
        key: KeyConstructor,
        varyingBy fields: [HTTPField.Name] = [],
        store: MemoryStore,
        counts: HandlerCounts,
        logger: Logger
    ) -> Pipeline {
        let representation = RepresentationMiddleware(varyingBy: [.accept, .acceptLanguage] + fields)
        return Pipeline {
            KeyExplanationMiddleware(key: key)
            // It stands twice. Here, because a 304 carries the fields of the answer it stands for, and no handler made it.
            representation
            ETagMiddleware(key: key, rebuildAfterMethodEvaluation: true)
            CacheResponseMiddleware(timeout: .minutes(15), key: key, in: store, logger: logger)
            // And here, because the cache reads Vary and stores nothing under a key that does not tell apart what it names.
            representation
            HandlerCountMiddleware(counts: counts)
        }
    }
}
