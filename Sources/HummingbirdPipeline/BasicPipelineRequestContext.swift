#if Hummingbird
public import Hummingbird
public import NIOCore

/// A request context with all properties that a pipeline reads, for applications that need no context of their own.
public struct BasicPipelineRequestContext: PipelineRequestContext, RemoteAddressRequestContext, Sendable {
    /// The properties that Hummingbird keeps in a context.
    public var coreContext: CoreRequestContextStorage
    /// The address of the peer.
    public let remoteAddress: SocketAddress?
    /// The authenticated user's identifier, which an authenticator sets; nil is an anonymous user.
    public var userID: String?
    /// The active language, which a middleware sets.
    public var language: String?
    /// The negotiated format, which a middleware sets.
    public var format: String?

    /// Creates the context of a request.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
#endif
