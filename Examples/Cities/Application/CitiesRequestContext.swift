import Hummingbird
import HummingbirdPipeline
import NIOCore

/// The context of a request, which the pipelines and their key bits read.
struct CitiesRequestContext: PipelineRequestContext, RequestContext, Sendable {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// The user's identifier; ``BearerAuthenticator`` sets it.
    var userID: String?

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
