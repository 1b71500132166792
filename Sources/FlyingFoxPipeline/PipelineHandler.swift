#if FlyingFox
public import FlyingFox
public import HTTPPipeline

/// A FlyingFox handler with a pipeline around it. ``HTTPPipeline/Pipeline/wrap(as:preparing:_:)`` creates it.
public struct PipelineHandler: HTTPHandler {
    /// Sets what the application knows about a request, such as its user, in the exchange.
    public typealias Preparation = @Sendable (FlyingFox.HTTPRequest, inout Exchange) async throws -> Void

    let pipeline: Pipeline
    let name: RouteName
    let prepare: Preparation
    let handler: FlyingFoxRequest.Handler

    /// Returns the pipeline's response to a request; 400 (Bad Request) if its method is not a token.
    ///
    /// - Throws: The errors of the handler, of the preparation and of middleware.
    public func handleRequest(_ request: FlyingFox.HTTPRequest) async throws -> FlyingFox.HTTPResponse {
        guard let own = FlyingFoxRequest(request, handler) else { return HTTPResponse(statusCode: .badRequest) }
        var exchange = own.exchange(named: name)
        try await prepare(request, &exchange)
        return try await pipeline.respond(to: exchange, for: own).response(to: request)
    }
}

extension Pipeline {
    /// Wraps the pipeline around a FlyingFox handler, which also takes the exchange with the results of middleware.
    ///
    /// The handler may also run in the background, after the response was sent. Its request then has no body.
    ///
    /// - Parameters:
    ///   - name: The view that key bits use. FlyingFox does not tell a handler its route, so the default is the path.
    ///   - prepare: Sets the user, the language and the format in the exchange. Without it, every user is anonymous.
    ///   - handler: The handler at the end of the pipeline.
    /// - Returns: A handler for a route or a server.
    public func wrap(
        as name: RouteName = .path, preparing prepare: @escaping PipelineHandler.Preparation = { _, _ in },
        _ handler: @escaping @Sendable (FlyingFox.HTTPRequest, Exchange) async throws -> FlyingFox.HTTPResponse
    ) -> PipelineHandler {
        PipelineHandler(pipeline: self, name: name, prepare: prepare, handler: handler)
    }
}
#endif
