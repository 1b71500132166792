package import HTTPPipeline

/// An asynchronous bit whose value is usually in the memory of the process.
///
/// A constructor whose asynchronous bits all conform computes most keys without suspension.
package protocol ImmediateKeyBit: AsyncKeyBit {
    /// Returns whether the bit can write its value without waiting. It is then memoized for the request.
    func isAvailable(for exchange: Exchange) -> Bool

    /// Writes the bit's value if no waiting is needed for it.
    ///
    /// - Returns: Whether it was written.
    func writeImmediately(_ exchange: Exchange, to writer: inout KeyWriter) -> Bool
}
