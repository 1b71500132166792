extension Exchange {
    /// Calls a function with the bytes of ``route`` in memory, without counting references to its texts.
    ///
    /// While a copy of a route exists, a route with the same bytes is equal to it. Equal routes can have different bytes.
    ///
    /// - Parameter body: The function.
    /// - Returns: Its result.
    @inlinable
    package func withRouteBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: storage.route, body)
    }
}
