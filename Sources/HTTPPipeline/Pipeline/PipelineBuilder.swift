/// Builds the list of middleware of a ``Pipeline``, outermost first.
@resultBuilder
public enum PipelineBuilder {
    /// Adds a middleware.
    public static func buildExpression(_ middleware: some Middleware) -> [any Middleware] { [middleware] }

    /// Adds the middleware of another pipeline, in order. ``Pipeline/memoizesByDefault`` is that of the outer pipeline.
    public static func buildExpression(_ pipeline: Pipeline) -> [any Middleware] { pipeline.middleware }

    /// Joins parts in order.
    public static func buildBlock(_ parts: [any Middleware]...) -> [any Middleware] { parts.flatMap(\.self) }

    /// Adds the middleware of an `if` without `else`.
    public static func buildOptional(_ part: [any Middleware]?) -> [any Middleware] { part ?? [] }

    /// Adds the middleware of the first branch.
    public static func buildEither(first part: [any Middleware]) -> [any Middleware] { part }

    /// Adds the middleware of the second branch.
    public static func buildEither(second part: [any Middleware]) -> [any Middleware] { part }
}
