/// A request of a web framework together with the handler for it, as an adapter passes them to
/// ``Pipeline/respond(to:for:)``.
///
/// It is an object because a framework's request is expensive to copy, and a cached response needs none of it: the
/// pipeline asks for the body when a middleware reads it, and for the handler when no middleware answers.
public protocol FrameworkRequest: AnyObject, Sendable {
    /// The body of the request. ``RequestBody/init(of:)`` accesses it only when the body is read.
    var bodyContent: RequestBody.Content { get }

    /// The path template that the framework's router matched, for example `/cities/{id}`; nil before routing and when no route
    /// matched. The default is nil.
    ///
    /// A pipeline before the router reads it after the handler has run, to learn the path parameters.
    var matchedTemplate: String? { get }

    /// Runs the handler.
    ///
    /// - Parameters:
    ///   - exchange: The request, with the changes that middleware made.
    ///   - isDetached: Whether the response was already sent, so that the connection must not be used.
    /// - Returns: The handler's reply, or the rendering of the error that it threw, with ``Reply/thrownError``.
    /// - Throws: The errors of the handler that the framework does not turn into a response.
    func runHandler(for exchange: Exchange, isDetached: Bool) async throws -> Reply
}

extension FrameworkRequest {
    /// The default template: nil, which means unknown.
    public var matchedTemplate: String? { nil }
}
