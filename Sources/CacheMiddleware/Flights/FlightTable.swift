import DequeModule
import KeyConstructor
import Synchronization

/// The handler runs that are under way, each with the requests that wait for its answer.
///
/// One request of a key leads: it runs the handler. The others wait. When the answer is there they all have it. When a run
/// ends without an answer for others, because it failed, was cancelled or must not be stored, it lets two of those who wait
/// run the handler in its place. So the number of runs doubles with each round: nobody waits for a chain of all the others, and
/// they do not all start at once. The same happens when the answer is there, but a purge came between the beginning of its run
/// and the request that waits.
///
/// A run that takes very long keeps nobody else from trying: the next request runs the handler beside it.
///
/// It stands beside a miss, never on the way of a hit.
final class FlightTable: Sendable {
    /// What a request that found nothing stored has to do.
    enum Entrance {
        /// Run the handler for itself and for those who wait.
        case lead(FlightTurn)
        /// Wait for the answer.
        case wait(FlightTicket)
        /// Run the handler for itself: answers of this key have lately not been for others.
        case pass
    }

    fileprivate struct Waiter {
        enum State {
            case new
            case waiting(CheckedContinuation<FlightOutcome, Never>)
            case resolved(FlightOutcome)
        }

        let number: Int
        /// Where the order of purges stood when the request came.
        let snapshot: PurgeSnapshot
        var state = State.new
    }

    fileprivate struct Flight {
        let key: CacheKey
        var runners = 1
        /// When the last run began that was not given a turn, on the table's clock.
        var startedAt: Duration
        var waiters: [Int: Waiter] = [:]
        /// The waiters in the order in which they came, among them such as have left.
        var order: Deque<Int> = []
    }

    fileprivate struct State {
        var flights: [Int: Flight] = [:]
        /// The flight that new requests of a key join.
        var current: [CacheKey: Int] = [:]
        var lastNumber = 0
        var passes = PassList()
    }

    private let state = Mutex(State())
    private let completions = CompletionCounts()

    /// After what time a run keeps others from running the handler no longer.
    private let overdue: Duration

    /// Creates a table without flights.
    ///
    /// - Parameter overdue: After what time a run keeps others from running the handler no longer.
    init(overdueAfter overdue: Duration) {
        self.overdue = overdue
    }

    /// Enters the flight of a key, and starts it if there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - snapshot: Where the order of purges stands: a waiter is given no response whose run began before a later purge. nil for
    ///     a caller that does not wait and only enters where it would lead.
    ///   - moment: The present moment on a monotonic clock.
    /// - Returns: What to do; nil when there is a flight already and the caller does not wait.
    func enter(_ key: CacheKey, at snapshot: PurgeSnapshot?, now moment: Duration) -> Entrance? {
        state.withLock { state in
            if snapshot != nil, state.passes.contains(key, at: moment) { return .pass }
            if let number = state.current[key], let flight = state.flights[number] {
                if isOverdue(flight, at: moment) {
                    state.flights[number]?.runners += 1
                    state.flights[number]?.startedAt = moment
                    return .lead(FlightTurn(flight: number, table: self))
                }
                guard let snapshot else { return nil }
                state.lastNumber += 1
                let waiter = Waiter(number: state.lastNumber, snapshot: snapshot)
                state.flights[number]?.waiters[waiter.number] = waiter
                state.flights[number]?.order.append(waiter.number)
                return .wait(FlightTicket(flight: number, waiter: waiter.number))
            }
            state.lastNumber += 1
            state.flights[state.lastNumber] = Flight(key: key, startedAt: moment)
            state.current[key] = state.lastNumber
            return .lead(FlightTurn(flight: state.lastNumber, table: self))
        }
    }

    /// How many flights of a key have ended with an answer, and of some other keys. A request that found nothing stored looks again
    /// if there was one meanwhile.
    func completionCount(of key: CacheKey) -> Int { completions[key] }

    /// The place of whoever came last, in any flight.
    var place: Int { state.withLock { $0.lastNumber } }

    /// Whether the handler is being run for a key, and not for too long.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - moment: The present moment on the table's clock.
    /// - Returns: Whether no other request should run it.
    func isRunning(_ key: CacheKey, now moment: Duration) -> Bool {
        state.withLock { state in
            guard let number = state.current[key], let flight = state.flights[number] else { return false }
            return !isOverdue(flight, at: moment)
        }
    }

    private func isOverdue(_ flight: Flight, at moment: Duration) -> Bool {
        moment - flight.startedAt >= overdue
    }

    /// Waits for the end of a flight.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; the others go on.
    func outcome(for ticket: FlightTicket) async throws -> FlightOutcome {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resolved = state.withLock { state -> FlightOutcome? in
                    guard let waiter = state.flights[ticket.flight]?.waiters[ticket.waiter] else { return .cancelled }
                    if case .resolved(let outcome) = waiter.state {
                        state.removeWaiter(ticket)
                        return outcome
                    }
                    state.flights[ticket.flight]?.waiters[ticket.waiter]?.state = .waiting(continuation)
                    return nil
                }
                if let resolved { continuation.resume(returning: resolved) }
            }
        } onCancel: {
            resolve(ticket, with: .cancelled)
        }
        if case .cancelled = outcome { throw CancellationError() }
        return outcome
    }

    /// Ends the waiting of one request with an outcome of its own, unless it has one already.
    func resolve(_ ticket: FlightTicket, with outcome: FlightOutcome) {
        let continuation = state.withLock { state -> CheckedContinuation<FlightOutcome, Never>? in
            state.resolve(ticket, with: outcome)
        }
        continuation?.resume(returning: outcome)
    }

    /// Leaves a flight without having waited.
    func leave(_ ticket: FlightTicket) {
        // A turn that came meanwhile is given on when it is dropped, which must not be under the lock.
        let waiter = state.withLock { state in
            defer { state.removeWaiter(ticket) }
            return state.flights[ticket.flight]?.waiters[ticket.waiter]
        }
        withExtendedLifetime(waiter) {}
    }

    /// Gives everybody who waits the answer, and ends the flight. Of those for whom it may be too old two run the handler, for
    /// the others of them.
    ///
    /// - Parameters:
    ///   - flight: The flight.
    ///   - entry: The answer.
    ///   - snapshot: Where the order of purges stood when the handler began; nil for an entry that was looked up, which may have
    ///     been found before a purge removed it.
    ///   - place: The ``place`` before the store was asked, which then took the answer or had it: no purge has selected it until
    ///     those had come who came before. nil when the store did not.
    func complete(_ flight: Int, with entry: CacheEntry, since snapshot: PurgeSnapshot?, storedAfter place: Int?) {
        var resumed: [(CheckedContinuation<FlightOutcome, Never>, FlightOutcome)] = []
        state.withLock { state in
            guard let key = state.flights[flight]?.key else { return }
            state.passes.remove(key)
            completions.add(to: key)
            let order = state.flights[flight]?.order ?? []
            state.flights[flight]?.order = []
            state.flights[flight]?.runners = 0
            for number in order {
                let isCurrent = snapshot != nil && state.flights[flight]?.waiters[number]?.snapshot == snapshot
                guard number <= place ?? 0 || isCurrent else {
                    state.flights[flight]?.order.append(number)
                    continue
                }
                let outcome = FlightOutcome.entry(entry)
                let ticket = FlightTicket(flight: flight, waiter: number)
                if let continuation = state.resolve(ticket, with: outcome) { resumed.append((continuation, outcome)) }
            }
            resumed += giveTurns(flight, &state)
            if state.flights[flight]?.runners == 0, state.current[key] == flight { state.current[key] = nil }
            state.removeIfIdle(flight)
        }
        for (continuation, outcome) in resumed { continuation.resume(returning: outcome) }
    }

    /// Ends a run without an answer for others, and lets two of those who wait run the handler.
    ///
    /// - Parameters:
    ///   - flight: The flight.
    ///   - pass: Until when requests of the key do not wait for each other, or nil when they do.
    func giveUp(_ flight: Int, passingUntil pass: Duration?) {
        var resumed: [(CheckedContinuation<FlightOutcome, Never>, FlightOutcome)] = []
        state.withLock { state in
            guard let key = state.flights[flight]?.key else { return }
            if let pass { state.passes.insert(key, until: pass) }
            state.flights[flight]?.runners -= 1
            resumed = giveTurns(flight, &state)
            if state.flights[flight]?.runners == 0, state.current[key] == flight { state.current[key] = nil }
            state.removeIfIdle(flight)
        }
        for (continuation, outcome) in resumed { continuation.resume(returning: outcome) }
    }

    /// Has two of those who wait run the handler.
    ///
    /// - Returns: Those of them who wait already, with their turns.
    private func giveTurns(
        _ flight: Int, _ state: inout State
    ) -> [(CheckedContinuation<FlightOutcome, Never>, FlightOutcome)] {
        var resumed: [(CheckedContinuation<FlightOutcome, Never>, FlightOutcome)] = []
        var given = 0
        while given < 2, let number = state.flights[flight]?.order.popFirst() {
            let ticket = FlightTicket(flight: flight, waiter: number)
            guard state.isWaiting(ticket) else { continue }
            let outcome = FlightOutcome.turn(FlightTurn(flight: flight, table: self))
            state.flights[flight]?.runners += 1
            given += 1
            if let continuation = state.resolve(ticket, with: outcome) { resumed.append((continuation, outcome)) }
        }
        return resumed
    }

    /// The numbers of flights, of requests that wait, and of keys whose requests do not, for tests.
    var counts: (flights: Int, waiters: Int, passes: Int) {
        state.withLock { state in
            let waiters = state.flights.values.reduce(0) { $0 + $1.waiters.count }
            return (state.flights.count, waiters, state.passes.count)
        }
    }
}

extension FlightTable.State {
    /// Whether a request is there that has no outcome yet.
    fileprivate func isWaiting(_ ticket: FlightTicket) -> Bool {
        switch flights[ticket.flight]?.waiters[ticket.waiter]?.state {
        case .new, .waiting: true
        case .resolved, nil: false
        }
    }

    /// Gives a request its outcome.
    ///
    /// - Returns: What to resume when the request waits already.
    fileprivate mutating func resolve(
        _ ticket: FlightTicket,
        with outcome: FlightOutcome
    ) -> CheckedContinuation<FlightOutcome, Never>? {
        switch flights[ticket.flight]?.waiters[ticket.waiter]?.state {
        case .waiting(let continuation):
            removeWaiter(ticket)
            return continuation
        case .new:
            flights[ticket.flight]?.waiters[ticket.waiter]?.state = .resolved(outcome)
            return nil
        case .resolved, nil:
            return nil
        }
    }

    fileprivate mutating func removeWaiter(_ ticket: FlightTicket) {
        flights[ticket.flight]?.waiters[ticket.waiter] = nil
        // Those who left first stand first: an endless flight does not gather their places.
        while let first = flights[ticket.flight]?.order.first, flights[ticket.flight]?.waiters[first] == nil {
            flights[ticket.flight]?.order.removeFirst()
        }
        if let flight = flights[ticket.flight], flight.order.count > 64, flight.order.count > 2 * flight.waiters.count {
            // Many have left behind one that stays.
            flights[ticket.flight]?.order.removeAll { flight.waiters[$0] == nil }
        }
        removeIfIdle(ticket.flight)
    }

    fileprivate mutating func removeIfIdle(_ number: Int) {
        guard let flight = flights[number], flight.runners <= 0, flight.waiters.isEmpty else { return }
        if current[flight.key] == number { current[flight.key] = nil }
        flights[number] = nil
    }
}
