#if Hummingbird
public import Hummingbird
public import NIOCore

/// A request context with the facts about a request that a pipeline needs and Hummingbird does not know.
///
/// Every property defaults to nil, so a context only declares its conformance and the properties that it has:
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
/// A pipeline reads the context as it is where the pipeline runs, so a middleware that sets `userID` must be outside of
/// the pipeline. A wrapped handler or responder may also run in the background, with the context of the request.
public protocol PipelineRequestContext: RequestContext {
    /// The address of the peer. A `RemoteAddressRequestContext` already has it.
    var remoteAddress: SocketAddress? { get }

    /// The authenticated user's identifier; nil is an anonymous user.
    var userID: String? { get }

    /// The active language, as a language tag.
    var language: String? { get }

    /// The name of the negotiated format, for example `json`.
    var format: String? { get }
}

extension PipelineRequestContext {
    /// The default address: nil, which means unknown.
    public var remoteAddress: SocketAddress? { nil }
    /// The default user: nil, which means anonymous.
    public var userID: String? { nil }
    /// The default language: nil, which means that the response is not translated.
    public var language: String? { nil }
    /// The default format: nil, which means that no format is negotiated.
    public var format: String? { nil }
}

extension BasicRequestContext: PipelineRequestContext {}
#endif
