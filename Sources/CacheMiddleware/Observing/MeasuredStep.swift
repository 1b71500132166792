/// A step of a request whose duration is measured.
enum MeasuredStep: String, Sendable, CaseIterable {
    /// The key is made.
    case key
    /// The store is asked.
    case lookup
    /// Another request's handler is waited for.
    case wait
    /// The handler runs.
    case handler
    /// The entry is written.
    case store

    var spanName: String { "cache \(rawValue)" }
}
