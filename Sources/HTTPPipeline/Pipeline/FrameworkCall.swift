/// One request of a framework and the handler that answers it, as an adapter holds them for a ``Pipeline``.
///
/// It is one object because a framework's request is dear to copy, and an answer from a cache needs nothing of it.
package protocol FrameworkCall: AnyObject, Sendable {
    /// The body of the request. It is asked for only by what reads it.
    var content: RequestBody.Content { get }

    /// Has the handler answer, also after the call it was made for has returned.
    ///
    /// - Parameter exchange: The request as the middleware left it.
    /// - Returns: The handler's reply.
    /// - Throws: What the handler throws and the framework does not render.
    func reply(to exchange: Exchange) async throws -> Reply
}
