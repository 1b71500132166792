import Synchronization

/// The right to run the handler for a key, together with what its response needs to be stored and published.
///
/// It contains the flight and the snapshot of purges before the run, and records the latest waiter before the store is asked.
/// ``publish(storing:)`` and ``lookAgain(_:)`` are the only ways to deliver an entry to waiters, so none of the three can be
/// forgotten.
///
/// A run may be given up once and published once, also in this order, because a stream ends late. A leadership that is released
/// without either gives the run up: the handler threw, its task was cancelled, or the response's stream was never read.
final class Leadership: Sendable {
    private enum Phase {
        case running, givenUp, published
    }

    private let table: FlightTable?
    private let flight: Int
    private let state: Mutex<(phase: Phase, snapshot: PurgeSnapshot?)>

    /// Leads a flight.
    ///
    /// - Parameters:
    ///   - flight: The flight.
    ///   - table: Its table.
    ///   - snapshot: The order of purges before the run; nil when it is not known yet.
    init(of flight: Int, in table: FlightTable, since snapshot: PurgeSnapshot?) {
        self.table = table
        self.flight = flight
        state = Mutex((.running, snapshot))
    }

    /// Runs the handler for one request, without waiters.
    ///
    /// - Parameter snapshot: The order of purges before the run; nil when the response is not stored.
    init(withoutWaitersSince snapshot: PurgeSnapshot?) {
        table = nil
        flight = 0
        state = Mutex((.running, snapshot))
    }

    deinit {
        giveUp()
    }

    /// Whether other requests may wait for the response.
    var hasFlight: Bool { table != nil }

    /// The order of purges before the run.
    var snapshot: PurgeSnapshot? { state.withLock { $0.snapshot } }

    /// Takes a later snapshot, before the handler runs.
    func renew(_ snapshot: PurgeSnapshot) {
        state.withLock { state in
            precondition(state.phase == .running, "a snapshot is taken before the handler runs")
            state.snapshot = snapshot
        }
    }

    /// Looks up the key once more and publishes the entry if there is one.
    ///
    /// - Parameter lookUp: The look-up; an entry that it returns ends the flight.
    /// - Returns: The result of the look-up.
    func lookAgain(_ lookUp: () async -> StoreLookup) async -> StoreLookup {
        let place = table?.place
        let found = await lookUp()
        if let entry = found.entry { publish(entry, since: nil, storedAfter: place) }
        return found
    }

    /// Stores the response and publishes it. A response may come after ``giveUp(passingUntil:)``: a stream ends late.
    ///
    /// - Parameter store: Stores the entry unless it was purged since the mark; there is no mark when nothing can be stored.
    /// - Returns: Whether the entry was stored.
    func publish(
        storing store: (PurgeMark?) async -> (entry: CacheEntry, isStored: Bool)
    ) async -> Bool {
        let snapshot = snapshot
        let place = table?.place
        let (entry, isStored) = await store(snapshot?.mark)
        publish(entry, since: snapshot, storedAfter: isStored ? place : nil)
        return isStored
    }

    private func publish(_ entry: CacheEntry, since snapshot: PurgeSnapshot?, storedAfter place: Int?) {
        let isFirst = state.withLock { state in
            defer { state.phase = .published }
            return state.phase != .published
        }
        if isFirst { table?.publish(entry, in: flight, since: snapshot, storedAfter: place) }
    }

    /// Ends the run without a response for waiters, unless it has ended.
    ///
    /// - Parameter pass: Until when requests of the key do not wait for each other; nil when they do.
    func giveUp(passingUntil pass: Duration? = nil) {
        let wasRunning = state.withLock { state in
            defer { if state.phase == .running { state.phase = .givenUp } }
            return state.phase == .running
        }
        if wasRunning { table?.giveUp(flight, passingUntil: pass) }
    }
}
