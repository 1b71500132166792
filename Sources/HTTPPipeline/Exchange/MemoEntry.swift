import ConcurrencySupport
public import Synchronization

/// A value of a ``RequestMemo``: empty, being computed, or computed.
// Sendable because `computedValue` is, see there, and all other properties are constants.
@usableFromInline
final class MemoEntry<Value: Sendable>: MemoNode, @unchecked Sendable {
    @usableFromInline
    let progress = Mutex<MemoProgress>(.empty)
    /// Whether ``computedValue`` is set.
    @usableFromInline
    let isComputed = Atomic(false)
    // Written once, under the lock of `progress` and before a releasing store sets `isComputed`; read only after an acquiring load of
    // `isComputed` has returned true. Accesses therefore never overlap. An exclusivity check would cost as much as the rest of a
    // look-up.
    @exclusivity(unchecked)
    @usableFromInline
    nonisolated(unsafe) var computedValue: Value?

    @usableFromInline
    override init(owner: any AnyObject & Sendable, revision: Int) {
        super.init(owner: owner, revision: revision)
    }

    /// The value, if it has been computed.
    @inlinable
    var immediateValue: Value? { isComputed.load(ordering: .acquiring) ? computedValue : nil }

    @inlinable
    func value(compute: () -> Value) -> Value {
        if let immediateValue { return immediateValue }
        return progress.withLock { progress in
            if let immediateValue { return immediateValue }
            let value = compute()
            // A running asynchronous computation publishes its own value to its waiters.
            if case .empty = progress {
                progress = .computed
                publish(value)
            }
            return value
        }
    }

    @inlinable
    func immediateValue(compute: () -> Value?) -> Value? {
        if let immediateValue { return immediateValue }
        return progress.withLock { progress in
            if let immediateValue { return immediateValue }
            guard case .empty = progress, let value = compute() else { return nil }
            progress = .computed
            publish(value)
            return value
        }
    }

    /// Makes the value readable without the lock. The caller holds the lock.
    @inlinable
    func publish(_ value: Value) {
        computedValue = value
        isComputed.store(true, ordering: .releasing)
    }

    @inlinable
    func value(compute: () async throws -> Value) async throws -> Value {
        if let immediateValue { return immediateValue }
        if try await turn() == .read, let immediateValue { return immediateValue }
        do {
            let value = try await compute()
            finish(value)
            return value
        } catch {
            passOn()
            throw error
        }
    }

    /// Waits until the value has been computed or the caller has to compute it.
    @usableFromInline
    func turn() async throws -> MemoProgress.Turn {
        if let turn = progress.withLock({ $0.turn() }) { return turn }
        let id = WaiterID()
        return try await waitCancellably { continuation in
            progress.withLock { progress in
                if let turn = progress.turn() { return .success(turn) }
                progress.add(MemoProgress.Waiter(id: id, continuation: continuation))
                return nil
            }
        } removing: {
            self.progress.withLock { $0.remove(id)?.continuation }
        }
    }

    @usableFromInline
    func finish(_ value: Value) {
        let waiting = progress.withLock { progress in
            publish(value)
            return progress.finish()
        }
        for waiter in waiting { waiter.continuation.resume(returning: .read) }
    }

    /// Lets the next waiter compute.
    @usableFromInline
    func passOn() {
        let next = progress.withLock { $0.passOn() }
        next?.continuation.resume(returning: .compute)
    }
}
