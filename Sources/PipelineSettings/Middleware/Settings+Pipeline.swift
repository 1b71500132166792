public import HTTPPipeline
import KeyConstructor

extension Settings {
    /// Returns a pipeline whose keys are computed once per request if ``memoizesKeys`` is true and they do not specify
    /// it.
    ///
    /// - Parameter middleware: The middleware, outermost first.
    /// - Returns: The pipeline.
    public func pipeline(@PipelineBuilder _ middleware: () -> [any Middleware]) -> Pipeline {
        Pipeline(middleware(), memoizesByDefault: memoizesKeys)
    }

    /// Returns a key that is memoized according to the settings, whatever pipeline its middleware is in.
    func memoized(_ key: KeyConstructor) -> KeyConstructor {
        memoizesKeys && key.isMemoizedForRequest == nil ? key.memoizedForRequest() : key
    }
}
