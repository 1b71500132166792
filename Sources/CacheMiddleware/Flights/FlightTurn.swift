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

    /// The place of whoever came last: those after it came when the store had been asked.
    var place: Int { table.place }

    /// Gives everybody who waits the answer. It works also when the turn has ended without one: an answer may come late.
    ///
    /// - Parameters:
    ///   - entry: The answer.
    ///   - snapshot: Where the order of purges stood when the handler began; nil for an entry that was looked up.
    ///   - place: The ``place`` before the store was asked, which then took the answer or had it; nil when it did not.
    func complete(with entry: CacheEntry, since snapshot: PurgeSnapshot?, storedAfter place: Int?) {
        hasEnded.store(true, ordering: .relaxed)
        table.complete(flight, with: entry, since: snapshot, storedAfter: place)
    }

    /// Ends the turn without an answer for others.
    ///
    /// - Parameter pass: Until when requests of the key do not wait for each other, or nil when they do.
    func end(passingUntil pass: Duration? = nil) {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        table.giveUp(flight, passingUntil: pass)
    }
}
