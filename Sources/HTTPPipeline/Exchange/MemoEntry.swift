public import Synchronization

/// One value in a ``RequestMemo``: not computed, being computed while others wait, or there.
@usableFromInline
final class MemoEntry<Value: Sendable>: Sendable {
    @usableFromInline
    enum State: Sendable {
        case empty
        case computing(waiting: [Waiter])
        case computed(Value)
    }

    /// Someone who waits; it is told the value, or that it is its turn to compute.
    @usableFromInline
    struct Waiter: Sendable {
        let id: WaiterID
        let continuation: CheckedContinuation<Turn, any Error>
    }

    @usableFromInline
    enum Turn: Sendable {
        case value(Value)
        case compute
    }

    @usableFromInline
    let state = Mutex<State>(.empty)
    /// Whether ``computedValue`` is set.
    @usableFromInline
    let isComputed = Atomic(false)
    // Written once, under the lock of `state` and before `isComputed` becomes true with a releasing store; read only after an
    // acquiring load has found it true. Accesses therefore never overlap, and checking that again would cost as much as the
    // rest of a look-up.
    @exclusivity(unchecked)
    @usableFromInline
    nonisolated(unsafe) var computedValue: Value?

    @usableFromInline
    init() {}

    /// The value, if it is there.
    @inlinable
    var immediateValue: Value? { isComputed.load(ordering: .acquiring) ? computedValue : nil }

    @inlinable
    func value(compute: () -> Value) -> Value {
        if let immediateValue { return immediateValue }
        return state.withLock { state in
            if case .computed(let value) = state { return value }
            let value = compute()
            // While somebody computes asynchronously others wait for that one's value.
            if case .empty = state {
                state = .computed(value)
                publish(value)
            }
            return value
        }
    }

    /// Makes the value readable without the lock, which the caller holds.
    @inlinable
    func publish(_ value: Value) {
        computedValue = value
        isComputed.store(true, ordering: .releasing)
    }

    @inlinable
    func value(compute: () async throws -> Value) async throws -> Value {
        if let immediateValue { return immediateValue }
        switch try await turn() {
        case .value(let value):
            return value
        case .compute:
            do {
                let value = try await compute()
                finish(value)
                return value
            } catch {
                passOn()
                throw error
            }
        }
    }

    /// The value, or the turn to compute it, as soon as there is one of them.
    @usableFromInline
    func turn() async throws -> Turn {
        let immediate = state.withLock { state -> Turn? in
            switch state {
            case .computed(let value):
                return .value(value)
            case .empty:
                state = .computing(waiting: [])
                return .compute
            case .computing:
                return nil
            }
        }
        if let immediate { return immediate }
        let id = WaiterID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func wait(_ waiter: Waiter) {
        let immediate = state.withLock { state -> Result<Turn, any Error>? in
            // Cancelled before this point the handler found nobody to cancel.
            if Task.isCancelled { return .failure(CancellationError()) }
            switch state {
            case .computed(let value):
                return .success(.value(value))
            case .empty:
                state = .computing(waiting: [])
                return .success(.compute)
            case .computing(let waiting):
                state = .computing(waiting: waiting + [waiter])
                return nil
            }
        }
        if let immediate { waiter.continuation.resume(with: immediate) }
    }

    private func cancel(_ id: WaiterID) {
        let cancelled = state.withLock { state -> Waiter? in
            guard case .computing(var waiting) = state, let index = waiting.firstIndex(where: { $0.id === id })
            else { return nil }
            let waiter = waiting.remove(at: index)
            state = .computing(waiting: waiting)
            return waiter
        }
        cancelled?.continuation.resume(throwing: CancellationError())
    }

    @usableFromInline
    func finish(_ value: Value) {
        let waiting = state.withLock { state -> [Waiter] in
            defer {
                state = .computed(value)
                publish(value)
            }
            guard case .computing(let waiting) = state else { return [] }
            return waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: .value(value)) }
    }

    /// Gives the turn to compute to the next of those who wait.
    @usableFromInline
    func passOn() {
        let next = state.withLock { state -> Waiter? in
            guard case .computing(var waiting) = state, !waiting.isEmpty else {
                state = .empty
                return nil
            }
            let next = waiting.removeFirst()
            state = .computing(waiting: waiting)
            return next
        }
        next?.continuation.resume(returning: .compute)
    }
}

/// Tells one who waits from the others.
@usableFromInline
final class WaiterID: Sendable {}
