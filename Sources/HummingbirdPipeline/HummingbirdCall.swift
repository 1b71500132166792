#if Hummingbird
public import HTTPPipeline
public import HTTPTypes
public import Hummingbird
import NIOCore

/// The body of a request of Hummingbird and what answers it, without the type of the context: all that runs for a request which
/// is answered by a middleware is compiled once.
///
/// The head is not here, because the exchange has it. A request is put together again for the handler, so that an answer from a
/// cache does not pay for the copy of one.
// Sendable because all it holds is constant and Sendable; so is what its one subclass adds. The compiler does not check
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

    /// Answers the request through a pipeline.
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
