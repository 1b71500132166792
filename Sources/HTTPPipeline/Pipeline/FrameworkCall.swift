/// One request of a framework and the handler that answers it, as an adapter holds them for a ``Pipeline``.
///
/// It is one object because a framework's request is dear to copy, and an answer from a cache needs nothing of it.
package protocol FrameworkCall: AnyObject, Sendable {
    /// The body of the request. It is asked for only by what reads it.
    var content: RequestBody.Content { get }

    /// The path template of the route that the framework's router has found, for example `/cities/{id}`; nil as long as no router
    /// has been asked, and when none of its routes matched.
    var matchedTemplate: String? { get }

    /// Has the handler answer.
    ///
    /// - Parameters:
    ///   - exchange: The request as the middleware left it.
    ///   - isDetached: Whether the request was answered already, so that nothing of its connection may be used.
    /// - Returns: The handler's reply.
    /// - Throws: What the handler throws and the framework does not render.
    func reply(to exchange: Exchange, isDetached: Bool) async throws -> Reply
}
