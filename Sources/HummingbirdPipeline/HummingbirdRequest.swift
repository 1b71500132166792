#if Hummingbird
public import HTTPPipeline
public import HTTPTypes
public import Hummingbird
import NIOCore

/// A Hummingbird request and its handler, which may run at any time.
///
/// The exchange has the head, so this object does not. The request is recreated for the handler, so that a response
/// from a cache does not pay for a copy of it.
@usableFromInline
final class HummingbirdRequest<Context: PipelineRequestContext>: FrameworkRequest {
    @usableFromInline
    typealias Handler = @Sendable @concurrent (Request, Context, Exchange) async throws -> Response

    private let body: Hummingbird.RequestBody
    private let context: Context
    private let handler: Handler

    @usableFromInline
    init(_ body: Hummingbird.RequestBody, context: Context, _ handler: @escaping Handler) {
        self.body = body
        self.context = context
        self.handler = handler
    }

    @usableFromInline
    var bodyContent: HTTPPipeline.RequestBody.Content { .stream(body) }

    // The router works with a copy of the context, and the copies share the storage of the template.
    @usableFromInline
    var matchedTemplate: String? { context.coreContext.endpointPath.value }

    @usableFromInline
    func runHandler(for exchange: Exchange, isDetached: Bool) async throws -> Reply {
        let handler = handler
        return try await Reply(to: exchange, body: body, isDetached: isDetached, context: context) { request, context in
            try await handler(request, context, exchange)
        }
    }
}

extension Pipeline {
    /// Returns the pipeline's response to a request.
    ///
    /// It is not generic, so that code which runs for requests that a middleware answers is compiled only once.
    @usableFromInline
    func response(
        to head: consuming HTTPRequest, as name: RouteName, _ facts: consuming ContextFacts,
        for request: any FrameworkRequest
    ) async throws -> Response {
        let body = HTTPPipeline.RequestBody(of: request)
        return try await respond(to: Exchange(head, body: body, name: name, facts: facts), for: request).response()
    }
}
#endif
