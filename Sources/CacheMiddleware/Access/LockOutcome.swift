/// The outcome of acquiring a lock.
enum LockOutcome {
    /// The lock was acquired.
    case locked
    /// Another owner holds the lock.
    case refused
    /// The store does not support locks, or failed. If it was asked, it may have acquired the lock.
    case unknown(isAsked: Bool)
}
