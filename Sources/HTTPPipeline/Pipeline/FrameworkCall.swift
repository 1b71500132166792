/// A request of a web framework together with the handler for it, as an adapter passes them to a ``Pipeline``.
///
/// It is one object because a framework's request is expensive to copy, and a cached response needs none of it.
package protocol FrameworkCall: AnyObject, Sendable {
    /// The body of the request. It is accessed only when it is read.
    var content: RequestBody.Content { get }

    /// The path template that the framework's router matched, for example `/cities/{id}`; nil before routing and when no route
    /// matched.
    var matchedTemplate: String? { get }

    /// Runs the handler.
    ///
    /// - Parameters:
    ///   - exchange: The request, with the changes that middleware made.
    ///   - isDetached: Whether the response was already sent, so that the connection must not be used.
    /// - Returns: The handler's reply.
    /// - Throws: The errors of the handler that the framework does not turn into a response.
    func reply(to exchange: Exchange, isDetached: Bool) async throws -> Reply
}
