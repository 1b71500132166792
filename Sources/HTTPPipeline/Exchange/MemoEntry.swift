import Synchronization

/// One value in a ``RequestMemo``, whatever its type.
protocol MemoEntryProtocol: AnyObject, Sendable {
    var owner: any AnyObject & Sendable { get }
    var valueType: Any.Type { get }
    func isFor(_ exchange: Exchange) -> Bool
}

/// One value in a ``RequestMemo``: not computed, being computed while others wait, or there.
final class MemoEntry<Value: Sendable>: MemoEntryProtocol {
    private enum State {
        case empty
        case computing(waiting: [Waiter])
        case computed(Value)
    }

    /// Someone who waits; it is told the value, or that it is its turn to compute.
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Turn, any Error>
    }

    private enum Turn: Sendable {
        case value(Value)
        case compute
    }

    // The owner is kept alive: a freed object's address could be given to another owner within the request.
    let owner: any AnyObject & Sendable
    private let route: Route
    private let pathParameters: PathParameters
    private let state = Mutex<(State, nextID: Int)>((.empty, 0))

    init(owner: any AnyObject & Sendable, exchange: Exchange) {
        self.owner = owner
        self.route = exchange.route
        self.pathParameters = exchange.pathParameters
    }

    var valueType: Any.Type { Value.self }

    func isFor(_ exchange: Exchange) -> Bool {
        route == exchange.route && pathParameters == exchange.pathParameters
    }

    func value(compute: () -> Value) -> Value {
        state.withLock { state in
            if case .computed(let value) = state.0 { return value }
            let value = compute()
            state.0 = .computed(value)
            return value
        }
    }

    func value(compute: () async throws -> Value) async throws -> Value {
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
    private func turn() async throws -> Turn {
        let (immediate, id) = state.withLock { state -> (Turn?, Int) in
            switch state.0 {
            case .computed(let value):
                return (.value(value), 0)
            case .empty:
                state.0 = .computing(waiting: [])
                return (.compute, 0)
            case .computing:
                state.nextID += 1
                return (nil, state.nextID)
            }
        }
        if let immediate { return immediate }
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
            switch state.0 {
            case .computed(let value):
                return .success(.value(value))
            case .empty:
                state.0 = .computing(waiting: [])
                return .success(.compute)
            case .computing(let waiting):
                state.0 = .computing(waiting: waiting + [waiter])
                return nil
            }
        }
        if let immediate { waiter.continuation.resume(with: immediate) }
    }

    private func cancel(_ id: Int) {
        let cancelled = state.withLock { state -> Waiter? in
            guard case .computing(var waiting) = state.0, let index = waiting.firstIndex(where: { $0.id == id })
            else { return nil }
            let waiter = waiting.remove(at: index)
            state.0 = .computing(waiting: waiting)
            return waiter
        }
        cancelled?.continuation.resume(throwing: CancellationError())
    }

    private func finish(_ value: Value) {
        let waiting = state.withLock { state -> [Waiter] in
            defer { state.0 = .computed(value) }
            guard case .computing(let waiting) = state.0 else { return [] }
            return waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: .value(value)) }
    }

    /// Gives the turn to compute to the next of those who wait.
    private func passOn() {
        let next = state.withLock { state -> Waiter? in
            guard case .computing(var waiting) = state.0, !waiting.isEmpty else {
                state.0 = .empty
                return nil
            }
            let next = waiting.removeFirst()
            state.0 = .computing(waiting: waiting)
            return next
        }
        next?.continuation.resume(returning: .compute)
    }
}
