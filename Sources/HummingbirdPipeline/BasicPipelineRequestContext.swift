#if Hummingbird
public import Hummingbird
public import NIOCore

/// A request context with everything a pipeline asks for, for applications that need no context of their own.
public struct BasicPipelineRequestContext: PipelineRequestContext, RemoteAddressRequestContext, Sendable {
    /// What Hummingbird keeps in a context.
    public var coreContext: CoreRequestContextStorage
    /// The address of the peer.
    public let remoteAddress: SocketAddress?
    /// The authenticated user's identifier, for an authenticator to set; nil is an anonymous user.
    public var userID: String?
    /// The active language, for a middleware to set.
    public var language: String?
    /// The negotiated format, for a middleware to set.
    public var format: String?

    /// Creates the context of a request.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
#endif
