import Hummingbird
import ResponseCache

/// A request context. Pipelines read these properties by name; a property called `user` would not be read.
struct AppRequestContext: PipelineRequestContext {
    var coreContext: CoreRequestContextStorage
    var userID: String?  // set by the authenticator
    var language: String?  // set by a middleware that reads Accept-Language

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
