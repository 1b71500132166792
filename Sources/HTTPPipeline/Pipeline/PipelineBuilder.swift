/// Builds the list of middleware of a ``Pipeline``, outermost first.
@resultBuilder
public enum PipelineBuilder {
    /// One middleware.
    public static func buildExpression(_ middleware: some Middleware) -> [any Middleware] { [middleware] }

    /// The middleware of another pipeline, in its order.
    public static func buildExpression(_ pipeline: Pipeline) -> [any Middleware] { pipeline.middleware }

    /// The parts in order.
    public static func buildBlock(_ parts: [any Middleware]...) -> [any Middleware] { parts.flatMap(\.self) }

    /// The middleware of an `if` without an `else`.
    public static func buildOptional(_ part: [any Middleware]?) -> [any Middleware] { part ?? [] }

    /// The middleware of the first branch.
    public static func buildEither(first part: [any Middleware]) -> [any Middleware] { part }

    /// The middleware of the second branch.
    public static func buildEither(second part: [any Middleware]) -> [any Middleware] { part }
}
