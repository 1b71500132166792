#if Hummingbird
public import HTTPPipeline
public import HTTPTypes
public import Hummingbird
import NIOCore

/// The body and the handler of a Hummingbird request, independent of the type of the context, so that code which runs
/// for requests that a middleware answers is compiled only once.
///
/// The exchange has the head, so the call does not. The request is recreated for the handler, so that a response from a
/// cache does not pay for a copy of it.
// Sendable because its properties and those of its only subclass are constant and Sendable. The compiler does not check
// classes that have subclasses.
@usableFromInline
class HummingbirdCall: FrameworkCall, @unchecked Sendable {
    let body: Hummingbird.RequestBody

    @usableFromInline
    init(_ body: Hummingbird.RequestBody) {
        self.body = body
    }

    package var content: HTTPPipeline.RequestBody.Content { .stream(body) }

    package var matchedTemplate: String? { preconditionFailure("a call is always a HandlerCall") }

    package func reply(to exchange: Exchange, isDetached: Bool) async throws -> Reply {
        preconditionFailure("a call is always a HandlerCall")
    }

    /// Returns the pipeline's response to the request.
    @usableFromInline
    final func response(
        to head: consuming HTTPRequest, through pipeline: Pipeline, name: RouteName, facts: consuming ContextFacts
    ) async throws -> Response {
        let exchange = pipeline.entering(
            Exchange(head, body: HTTPPipeline.RequestBody(of: self), name: name, facts: facts))
        if pipeline.middleware.isEmpty { return try await reply(to: exchange, isDetached: false).response() }
        return try await pipeline.middleware[0].handle(exchange, next: pipeline.nextAfterFirst(for: self)).response()
    }
}
#endif
