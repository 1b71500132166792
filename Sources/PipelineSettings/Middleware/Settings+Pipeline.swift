public import HTTPPipeline
import KeyConstructor

extension Settings {
    /// Returns a pipeline whose keys are computed once per request if ``memoizesKeys`` is true and they do not specify
    /// it.
    ///
    /// - Parameter middleware: The middleware, outermost first.
    /// - Returns: The pipeline.
    public func pipeline(@PipelineBuilder _ middleware: () throws -> [any Middleware]) rethrows -> Pipeline {
        Pipeline(try middleware(), memoizesByDefault: memoizesKeys)
    }
}
