#if Hummingbird
public import HTTPPipeline
public import Hummingbird

/// A pipeline as a Hummingbird middleware around the routes of a router or a group.
///
/// ```swift
/// router.group("cities").add(middleware: PipelineMiddleware(stack)).get(use: listCities)
/// ```
///
/// The route is identified by its path template (`/cities/{id}`) and the method. Hummingbird lends the next handler to
/// a middleware for one call only, so no handler runs in the background here.
public struct PipelineMiddleware<Context: PipelineRequestContext>: RouterMiddleware {
    private let pipeline: Pipeline

    /// Creates a middleware that runs a pipeline.
    public init(_ pipeline: Pipeline, context: Context.Type = Context.self) {
        self.pipeline = pipeline
    }

    /// Returns the pipeline's response to a request.
    ///
    /// - Throws: The error of the handler, after the pipeline has processed its rendering as a response.
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
