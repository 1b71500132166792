/// A body that is produced while it is written.
///
/// An adapter wraps the bodies of its framework in a conforming type. When such a body leaves the pipeline unchanged, the adapter
/// unwraps it, so that the pipeline costs nothing.
public protocol StreamingBody: Sendable {
    /// The size in bytes, or nil when it is unknown before the body is written.
    var contentLength: Int? { get }

    /// Writes the buffers in order, then calls ``BodyWriter/finish(_:)`` once.
    ///
    /// - Throws: The errors of the writer and of producing the body. The reply is then incomplete.
    func write(to writer: consuming any BodyWriter) async throws
}
