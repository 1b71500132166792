/// The measured routes. All return the same prepared body.
enum ServedPath: String, CaseIterable {
    /// A handler without a pipeline.
    case plain
    /// The handler in a pipeline without middleware.
    case pass
    /// The handler behind a cache with the default key.
    case hit
}
