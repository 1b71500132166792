/// Marks a reply that was stored as the rendering of an error, and is to be treated as an error again.
///
/// The error itself is gone. An adapter throws one of its own that renders the reply, see ``Reply/thrownError``.
public struct StoredError: Error, Hashable {
    /// Creates the mark.
    public init() {}
}
