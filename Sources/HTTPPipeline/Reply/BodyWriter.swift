public import HTTPTypes
public import NIOCore

/// Takes the buffers of a body, one after the other.
///
/// A write returns when the peer (or whoever reads the body) is ready for more, which is how a slow reader slows its
/// producer down.
public protocol BodyWriter: Sendable {
    /// Writes one buffer.
    ///
    /// - Throws: What keeps the buffer from being taken, such as a peer that is gone.
    mutating func write(_ buffer: ByteBuffer) async throws

    /// Ends the body.
    ///
    /// - Parameter trailers: The trailer fields (RFC 9110 section 6.5), or nil for none.
    /// - Throws: What keeps the end from being taken.
    consuming func finish(_ trailers: HTTPFields?) async throws
}
