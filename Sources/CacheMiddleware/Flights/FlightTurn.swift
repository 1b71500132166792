import Synchronization

/// One request's turn to run the handler for all who wait.
///
/// It ends with an answer, or without. A turn that nobody holds any more ends without: a handler that throws, a task that is
/// cancelled, a body that is never read.
final class FlightTurn: Sendable {
    private let flight: Int
    private let table: FlightTable
    private let hasEnded = Atomic(false)

    init(flight: Int, table: FlightTable) {
        self.flight = flight
        self.table = table
    }

    deinit {
        end()
    }

    /// Gives everybody who waits the answer. It works also when the turn has ended without one: an answer may come late.
    ///
    /// - Parameters:
    ///   - entry: The answer.
    ///   - mark: The store's place in the order of purges when the handler began.
    ///   - isStored: Whether the store took the answer, or had it.
    func complete(with entry: CacheEntry, since mark: PurgeMark?, isStored: Bool) {
        hasEnded.store(true, ordering: .relaxed)
        table.complete(flight, with: entry, since: mark, isStored: isStored)
    }

    /// Ends the turn without an answer for others.
    ///
    /// - Parameter pass: Until when requests of the key do not wait for each other, in nanoseconds, or nil when they do.
    func end(passingUntil pass: Int64? = nil) {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        table.giveUp(flight, passingUntil: pass)
    }
}
