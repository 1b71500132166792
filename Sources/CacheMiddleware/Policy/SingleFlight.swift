/// The settings for sharing one run of the handler among concurrent misses of a key.
public struct SingleFlight: Sendable, Hashable {
    /// Whether concurrent requests wait for each other.
    public var isEnabled: Bool

    /// The maximum time that a request waits before it runs the handler itself; nil waits as long as the handler takes.
    ///
    /// A run that takes longer than this, or than a minute without a limit, does not block the key: one more request runs the
    /// handler, and its response is shared with all waiters.
    ///
    /// If the response is a stream of unknown size, waiting ends at once without a limit, and at the limit otherwise.
    public var waitLimit: Duration?

    /// The time for which a lock in the shared store keeps other machines from running the handler for the same key; nil takes no
    /// lock.
    ///
    /// The store has to be a ``LockingCacheStore``. A machine that does not acquire the lock polls the store for the response until
    /// the lock has ended, and then runs the handler itself.
    public var lockDuration: Duration?

    /// Creates the settings of single flight.
    public init(isEnabled: Bool = true, waitLimit: Duration? = nil, lockDuration: Duration? = nil) {
        self.isEnabled = isEnabled
        self.waitLimit = waitLimit
        self.lockDuration = lockDuration
    }

    /// Settings with which requests wait for one run of the handler in this process; the default.
    public static let enabled = SingleFlight()

    /// Settings with which every request runs the handler, as in drf-extensions.
    public static let disabled = SingleFlight(isEnabled: false)
}

extension SingleFlight {
    /// The time in which requests of a key do not wait for each other after a response that was not shareable.
    static let passDuration: Duration = .seconds(10)

    /// The time after which a run no longer keeps other requests from running the handler.
    var overdueDuration: Duration { waitLimit ?? .seconds(60) }
}
