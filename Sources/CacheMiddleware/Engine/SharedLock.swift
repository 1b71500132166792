import HTTPPipeline
import KeyConstructor

/// The lock of a key in the shared store, which keeps other machines from running the handler.
struct SharedLock {
    private let key: CacheKey
    private let store: StoreAccess
    private let background: BackgroundWork
    /// A unique name.
    private let owner = "\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"

    /// The interval at which a machine looks for the response of another one.
    static let pollInterval: Duration = .milliseconds(50)

    /// - Parameters:
    ///   - key: The key.
    ///   - store: The store, in which the lock is released without the time limit of a request.
    ///   - background: Releases the lock after the response was sent.
    init(of key: CacheKey, in store: StoreAccess, background: BackgroundWork) {
        self.key = key
        self.store = store
        self.background = background
    }

    /// Acquires the lock for a duration if it is free.
    ///
    /// - Parameters:
    ///   - duration: The time after which the lock ends by itself.
    ///   - store: The same store, with the time that the request may wait for it.
    /// - Returns: The outcome.
    func acquire(for duration: Duration, in store: StoreAccess) async -> LockOutcome {
        await store.acquireLock(for: key, owner: owner, duration: duration)
    }

    /// Runs work and then releases the lock, even if the work throws.
    ///
    /// - Parameters:
    ///   - isHeld: Whether the lock is, or may be, held.
    ///   - work: The work.
    /// - Returns: The result of the work.
    /// - Throws: Any error that the work throws.
    func releasing<Value>(if isHeld: Bool = true, after work: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        if isHeld { await release() }
        return try result.get()
    }

    /// Releases the lock, in the background if there is room.
    private func release() async {
        let (key, store, owner) = (key, store, owner)
        let isStarted = background.run { await store.releaseLock(for: key, owner: owner) }
        if !isStarted { await store.releaseLock(for: key, owner: owner) }
    }
}

/// The outcome of acquiring a lock.
enum LockOutcome {
    /// The lock was acquired.
    case locked
    /// Another owner holds the lock.
    case refused
    /// The store does not support locks, or failed. If it was asked, it may have acquired the lock.
    case unknown(isAsked: Bool)
}
