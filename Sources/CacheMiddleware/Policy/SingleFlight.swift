/// Whether concurrent requests for one answer that is not stored wait for one run of the handler.
public struct SingleFlight: Sendable, Hashable {
    /// Whether requests wait for each other.
    public var isEnabled: Bool

    /// How long a request waits at most before it runs the handler itself; nil waits for as long as the handler takes.
    ///
    /// A run that takes longer than this, or than a minute without a limit, does not keep others from trying: one more request runs
    /// the handler, and its answer is for all who wait.
    ///
    /// Where the answer turns out to be a stream of unknown size, waiting without a limit ends at once, and with one at
    /// the limit.
    public var waitLimit: Duration?

    /// For how long a lock in the shared store keeps other machines from making the same answer; nil takes no lock.
    ///
    /// The store has to be a ``LockingCacheStore``. A machine that does not get the lock looks for the answer in the store
    /// until the lock has ended, and then makes it itself.
    public var lockDuration: Duration?

    /// Creates the value.
    public init(isEnabled: Bool = true, waitLimit: Duration? = nil, lockDuration: Duration? = nil) {
        self.isEnabled = isEnabled
        self.waitLimit = waitLimit
        self.lockDuration = lockDuration
    }

    /// Requests wait for one run of the handler in this process; the default.
    public static let enabled = SingleFlight()

    /// Every request runs the handler, as in drf-extensions.
    public static let disabled = SingleFlight(isEnabled: false)
}
