/// An error of a database that may be over soon: it cannot be reached, it restarts, it is too busy, or it ended the work in favor of other
/// work.
///
/// Resources respond with 503 and Retry-After to it, and with 500 to other errors of a database.
public protocol TransientError: Error {
    /// Whether the same work can succeed when it is repeated.
    var isTransient: Bool { get }
}
