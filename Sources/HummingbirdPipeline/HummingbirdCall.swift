#if Hummingbird
public import HTTPPipeline
public import Hummingbird
import NIOCore

/// A request of Hummingbird and what answers it, without the type of the context: all that runs for a request which is answered
/// by a middleware is compiled once.
// Sendable because all it holds is constant and Sendable; so is what its one subclass adds. The compiler does not check
// classes that have subclasses.
@usableFromInline
class HummingbirdCall: FrameworkCall, @unchecked Sendable {
    let request: Request

    @usableFromInline
    init(_ request: Request) {
        self.request = request
    }

    package var content: HTTPPipeline.RequestBody.Content { .stream(request.body) }

    package func reply(to exchange: Exchange) async throws -> Reply {
        preconditionFailure("a call is always a HandlerCall")
    }

    /// Answers the request through a pipeline.
    @usableFromInline
    final func response(through pipeline: Pipeline, name: RouteName, facts: ContextFacts) async throws -> Response {
        let exchange = Exchange(request, body: HTTPPipeline.RequestBody(of: self), name: name, facts: facts)
        return try Response(try await pipeline.next(for: self)(pipeline.entering(exchange)))
    }
}
#endif
