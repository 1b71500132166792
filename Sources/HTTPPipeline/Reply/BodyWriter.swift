public import HTTPTypes
public import NIOCore

/// A destination for the buffers of a body.
///
/// A write returns when the reader is ready for more, so a slow reader slows down the producer.
public protocol BodyWriter: Sendable {
    /// Writes a buffer.
    ///
    /// - Throws: The error of a closed or failed connection.
    mutating func write(_ buffer: ByteBuffer) async throws

    /// Ends the body.
    ///
    /// - Parameter trailers: The trailer fields (RFC 9110 section 6.5), or nil for none.
    /// - Throws: The error of a closed or failed connection.
    consuming func finish(_ trailers: HTTPFields?) async throws
}
