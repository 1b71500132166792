#if Hummingbird
public import HTTPPipeline
public import Hummingbird

/// A pipeline as a Hummingbird middleware, around the routes of a router or a group.
///
/// ```swift
/// router.group("cities").add(middleware: PipelineMiddleware(stack)).get(use: listCities)
/// ```
///
/// The route is identified by its path template (`/cities/{id}`) and the method. Hummingbird lends a middleware what it wraps
/// for one call, so nothing runs in the background here.
public struct PipelineMiddleware<Context: PipelineRequestContext>: RouterMiddleware {
    private let pipeline: Pipeline

    /// Creates the middleware.
    public init(_ pipeline: Pipeline, context: Context.Type = Context.self) {
        self.pipeline = pipeline
    }

    /// Answers a request through the pipeline.
    ///
    /// - Throws: The error that the handler threw, after the pipeline has seen its rendering as a reply.
    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await pipeline.respond(to: request, context: context, lent: next)
    }
}
#endif
