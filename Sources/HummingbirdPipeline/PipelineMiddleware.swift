#if Hummingbird
public import HTTPPipeline
public import Hummingbird

/// A pipeline as a Hummingbird middleware around the routes of a router or a group.
///
/// ```swift
/// router.group("cities")
///     .add(middleware: PipelineMiddleware {
///         ETagMiddleware(key: .city)
///         CacheResponseMiddleware(.minutes(15), key: .city, in: store)
///     })
///     .get(use: listCities)
/// ```
///
/// The route is identified by its path template (`/cities/{id}`) and the method. Hummingbird lends the next handler to
/// a middleware for one call only, so no handler runs in the background here.
public struct PipelineMiddleware<Context: PipelineRequestContext>: RouterMiddleware {
    private let pipeline: Pipeline

    /// Creates a middleware that runs a pipeline.
    ///
    /// - Parameters:
    ///   - pipeline: The pipeline.
    ///   - context: The context of the router.
    public init(_ pipeline: Pipeline, context: Context.Type = Context.self) {
        self.pipeline = pipeline
    }

    /// Creates a middleware that runs a pipeline of the middleware in a closure, outermost first.
    ///
    /// - Parameters:
    ///   - context: The context of the router.
    ///   - middleware: The middleware.
    public init(context: Context.Type = Context.self, @PipelineBuilder _ middleware: () throws -> [any Middleware])
        rethrows
    {
        self.init(Pipeline(try middleware()))
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
        let exchange = Exchange(
            request.head, body: HTTPPipeline.RequestBody(.stream(request.body)), name: .template,
            facts: ContextFacts(context))
        let reply = try await pipeline.respond(
            to: exchange,
            scoped: { try await Reply(to: $0, body: request.body, isDetached: false, context: context, from: next) })
        return try reply.response()
    }
}
#endif
