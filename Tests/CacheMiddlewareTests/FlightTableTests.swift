import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Testing

@testable import CacheMiddleware

@Suite(.timeLimit(.minutes(5))) struct FlightTableTests {
    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))

    /// Whether waiters that came before and after the store was asked are given the response, with snapshots of their own.
    static func areAnswered(
        _ snapshots: (PurgeSnapshot, PurgeSnapshot), leader: PurgeSnapshot? = .start, isStored: Bool
    ) async throws -> (before: Bool, after: Bool) {
        let table = FlightTable(overdueAfter: .seconds(60))
        guard case .lead(let turn) = table.enter(key, at: .start, now: .zero),
            case .wait(let before) = table.enter(key, at: snapshots.0, now: .zero)
        else { return (false, false) }
        let place = turn.place
        guard case .wait(let after) = table.enter(key, at: snapshots.1, now: .zero) else { return (false, false) }
        turn.complete(with: entry, since: leader, storedAfter: isStored ? place : nil)
        func isAnswered(_ ticket: FlightTicket) async throws -> Bool {
            if case .entry = try await table.outcome(for: ticket) { true } else { false }
        }
        return (try await isAnswered(before), try await isAnswered(after))
    }

    @Test func `A stored response is for all that came before the store was asked`() async throws {
        let later = PurgeSnapshot(mark: PurgeMark(rawValue: 2), count: 0)
        let answered = try await Self.areAnswered((later, later), isStored: true)
        #expect(answered.before, "no purge has selected it, or the store would not have taken it")
        #expect(!answered.after, "a purge may have come after the store took it, and before the request")
    }

    @Test(arguments: [true, false])
    func `A response is for waiters before which nothing was purged`(isStored: Bool) async throws {
        #expect(try await Self.areAnswered((.start, .start), isStored: isStored) == (true, true))
    }

    @Test(
        "A waiter after a purge is given no response that began before it",
        arguments: [
            PurgeSnapshot(mark: PurgeMark(rawValue: 2), count: 0), PurgeSnapshot(mark: nil, count: 0),
            PurgeSnapshot(mark: PurgeMark(rawValue: 1), count: 1),
        ])
    func waitersAfterPurge(snapshot: PurgeSnapshot) async throws {
        #expect(try await Self.areAnswered((snapshot, snapshot), isStored: false) == (false, false))
    }

    @Test func `An entry that was looked up is only for waiters before the look-up`() async throws {
        #expect(try await Self.areAnswered((.start, .start), leader: nil, isStored: true) == (true, false))
    }

    @Test func `A completed flight counts for its key alone, whatever its path`() {
        let table = FlightTable(overdueAfter: .seconds(60))
        let (key, other) = (CacheKey(high: 0, low: 1), CacheKey(high: 0, low: 2))
        let counts = (table.completionCount(of: key), table.completionCount(of: other))
        guard case .lead(let turn) = table.enter(CompletionCounts.key(key, for: "/a"), at: .start, now: .zero) else {
            Issue.record("the first one leads")
            return
        }
        turn.complete(with: Self.entry, since: .start, storedAfter: nil)
        #expect(table.completionCount(of: key) != counts.0)
        #expect(table.completionCount(of: other) == counts.1)
    }
}

extension PurgeSnapshot {
    /// The beginning of a store's order of purges.
    static let start = PurgeSnapshot(mark: PurgeMark(rawValue: 1), count: 0)
}
