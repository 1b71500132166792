#if Hummingbird
public import Hummingbird
public import NIOCore

/// A request context that tells a pipeline what Hummingbird does not know about a request.
///
/// Every property has a default of nil, so a context conforms by saying so, and supplies what it has:
///
/// ```swift
/// struct AppRequestContext: PipelineRequestContext {
///     var coreContext: CoreRequestContextStorage
///     var userID: String?       // set by the application's authenticator
///     var language: String?     // set by a middleware that reads Accept-Language
///     ...
/// }
/// ```
///
/// A pipeline sees the context as it is where the pipeline stands: a middleware that sets `userID` has to stand further out.
/// With a context that is `Sendable`, a wrapped handler or responder may also run in the background.
public protocol PipelineRequestContext: RequestContext {
    /// The address of the peer. A `RemoteAddressRequestContext` has it already.
    var remoteAddress: SocketAddress? { get }

    /// The authenticated user's identifier; nil is an anonymous user.
    var userID: String? { get }

    /// The active language, as a language tag.
    var language: String? { get }

    /// The name of the negotiated format, for example `json`.
    var format: String? { get }
}

extension PipelineRequestContext {
    /// Not known.
    public var remoteAddress: SocketAddress? { nil }
    /// Anonymous.
    public var userID: String? { nil }
    /// Not translated.
    public var language: String? { nil }
    /// Not negotiated.
    public var format: String? { nil }
}

extension BasicRequestContext: PipelineRequestContext {}
#endif
