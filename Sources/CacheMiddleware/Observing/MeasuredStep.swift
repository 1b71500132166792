/// A measured step of a request.
enum MeasuredStep: String, Sendable, CaseIterable {
    /// Computing the key.
    case key
    /// Looking up the entry.
    case lookup
    /// Waiting for the handler of another request.
    case wait
    /// Running the handler.
    case handler
    /// Storing the entry.
    case store

    var spanName: String { "cache \(rawValue)" }
}
