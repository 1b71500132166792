package import HTTPPipeline

/// An asynchronous bit whose value is usually in the memory of the process.
///
/// A constructor whose asynchronous bits all conform computes most keys without suspension.
package protocol ImmediateKeyBit: AsyncKeyBit {
    /// Writes the bit's value if no waiting is needed for it.
    ///
    /// - Returns: Whether it was written.
    func writeImmediately(_ exchange: Exchange, to writer: inout KeyWriter) -> Bool
}
