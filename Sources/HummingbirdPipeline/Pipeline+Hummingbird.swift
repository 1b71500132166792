#if Hummingbird
public import HTTPPipeline
public import Hummingbird

extension Pipeline {
    /// Wraps the pipeline around a Hummingbird handler.
    ///
    /// ```swift
    /// router.get("cities", use: stack.wrap(as: "CityView") { request, context in ... })
    /// router.put("cities", use: stack.wrap(as: "CityView") { request, context in ... })
    /// ```
    ///
    /// The handler may also run in the background if the cache requires it. Its request then has neither a body nor a
    /// connection, so the handler must not use `consumeWithCancellationOnInboundClose` there.
    ///
    /// - Parameters:
    ///   - name: The view that key bits use (`Route.view`). Handlers of one resource share a name, and all others have
    ///     different names; the method is the request's. The default is the path template.
    ///   - handler: The handler for requests that no middleware answers.
    /// - Returns: A handler for a route.
    @inlinable
    public func wrap<Context: PipelineRequestContext>(
        as name: RouteName = .template,
        _ handler: @escaping @Sendable @concurrent (Request, Context) async throws -> some ResponseGenerator
    ) -> @Sendable @concurrent (Request, Context) async throws -> Response {
        wrap(as: name) { request, context, _ in try await handler(request, context) }
    }

    /// Wraps the pipeline around a Hummingbird handler that also takes the exchange with the results of middleware,
    /// such as the evaluated entity tag.
    ///
    /// - Parameters:
    ///   - name: The view that key bits use (`Route.view`). Handlers of one resource share a name, and all others have
    ///     different names; the method is the request's. The default is the path template.
    ///   - handler: The handler for requests that no middleware answers.
    /// - Returns: A handler for a route.
    @inlinable
    public func wrap<Context: PipelineRequestContext>(
        as name: RouteName = .template,
        _ handler: @escaping @Sendable @concurrent (Request, Context, Exchange) async throws -> some ResponseGenerator
    ) -> @Sendable @concurrent (Request, Context) async throws -> Response {
        let rendered: HummingbirdRequest<Context>.Handler = { request, context, exchange in
            try await handler(request, context, exchange).response(from: request, context: context)
        }
        return { request, context in
            try await response(
                to: request.head, as: name, ContextFacts(context),
                for: HummingbirdRequest(request.body, context: context, rendered))
        }
    }

    /// Wraps the pipeline around a whole application.
    ///
    /// ```swift
    /// let app = Application(responder: stack.wrap(router.buildResponder()))
    /// ```
    ///
    /// The pipeline runs before the router, so the route is the path itself, and the context is as the server created
    /// it.
    public func wrap<Responder: HTTPResponder>(_ responder: Responder) -> PipelineResponder<Responder>
    where Responder.Context: PipelineRequestContext {
        PipelineResponder(pipeline: self, responder: responder)
    }
}
#endif
