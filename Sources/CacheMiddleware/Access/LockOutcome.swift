/// What came of the attempt to take a lock.
enum LockOutcome {
    /// The lock was free.
    case locked
    /// Somebody else has it.
    case refused
    /// The store has no locks, or did not say. A store that was asked may have locked.
    case unknown(isAsked: Bool)
}
