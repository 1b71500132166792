/// A body that is produced while it is written.
///
/// A framework's adapter wraps the framework's own bodies in a type of its own; when such a body leaves the
/// pipeline unchanged the adapter takes the framework's body out again, and nothing stands between it and the peer.
public protocol StreamingBody: Sendable {
    /// The size in bytes, or nil when it is not known before the body is written.
    var contentLength: Int? { get }

    /// Writes the buffers in order, then calls ``BodyWriter/finish(_:)`` once.
    ///
    /// - Throws: What the writer throws, and what went wrong while producing; the reply is then incomplete.
    func write(to writer: consuming any BodyWriter) async throws
}
