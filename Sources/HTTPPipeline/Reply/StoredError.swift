/// The error of a stored error response.
///
/// The original error no longer exists. An adapter throws an error of its own that renders the reply; see ``Reply/thrownError``.
public struct StoredError: Error, Hashable {
    /// Creates the error of a stored error response.
    public init() {}
}
