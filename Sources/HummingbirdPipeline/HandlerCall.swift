#if Hummingbird
public import HTTPPipeline
public import HTTPTypes
public import Hummingbird
import NIOCore

/// A Hummingbird request and its handler.
// Sendable because it adds only the context and the handler to its superclass, and both are constant and Sendable.
@usableFromInline
final class HandlerCall<Context: PipelineRequestContext & Sendable>: HummingbirdCall, @unchecked Sendable {
    @usableFromInline
    typealias ContextHandler = @Sendable @concurrent (Request, Context, Exchange) async throws -> Response

    @usableFromInline let context: Context
    private let handler: ContextHandler

    @usableFromInline
    init(_ body: Hummingbird.RequestBody, context: Context, _ handler: @escaping ContextHandler) {
        self.context = context
        self.handler = handler
        super.init(body)
    }

    // The router works with a copy of the context, and the copies share the storage of the template.
    package override var matchedTemplate: String? { context.coreContext.endpointPath.value }

    package override func reply(to exchange: Exchange, isDetached: Bool) async throws -> Reply {
        let handler = handler
        // Hummingbird's own body reads from the connection, which may carry other requests by then.
        let request = exchange.applied(
            to: Request(
                head: exchange.request, body: isDetached ? Hummingbird.RequestBody(buffer: ByteBuffer()) : body),
            isUnchanged: !isDetached && exchange.isUnchanged(sinceMadeOf: self))
        return try await Reply(to: request, context: context) { request, context in
            try await handler(request, context, exchange)
        }
    }

    /// Returns the pipeline's response to the request.
    @inlinable
    func response(to head: consuming HTTPRequest, through pipeline: Pipeline, name: RouteName) async throws -> Response
    {
        try await response(to: head, through: pipeline, name: name, facts: ContextFacts(context))
    }
}
#endif
