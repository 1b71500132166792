public import HTTPPipeline
import KeyConstructor

extension Settings {
    /// A pipeline whose keys are computed once per request if ``memoizesKeys`` says so and they leave it open.
    ///
    /// - Parameter middleware: The middleware, outermost first.
    /// - Returns: The pipeline.
    public func pipeline(@PipelineBuilder _ middleware: () -> [any Middleware]) -> Pipeline {
        Pipeline(middleware(), memoizesByDefault: memoizesKeys)
    }

    /// A key that is memoized as the settings say, whatever pipeline its middleware is in.
    func memoized(_ key: KeyConstructor) -> KeyConstructor {
        memoizesKeys && key.isMemoizedForRequest == nil ? key.memoizedForRequest() : key
    }
}
