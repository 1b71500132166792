import Hummingbird
import HummingbirdPipeline

/// What pipelines read of a request, under exactly these names: they would not see a `user`.
struct AppRequestContext: PipelineRequestContext {
    var coreContext: CoreRequestContextStorage
    var userID: String?  // set by the authenticator
    var language: String?  // set by a middleware that reads Accept-Language

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
