import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Testing

@testable import CacheMiddleware

@Suite(.timeLimit(.minutes(5))) struct FlightTableTests {
    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))

    /// How it ends for who comes before and after the store is asked, with marks of their own.
    static func outcomes(
        marks: (PurgeMark?, PurgeMark?), isStored: Bool
    ) async throws -> (before: Bool, after: Bool) {
        let table = FlightTable(overdueAfter: .seconds(60))
        let first = PurgeMark(rawValue: 1)
        guard case .lead(let turn) = table.enter(key, mark: first, at: 0),
            case .wait(let before) = table.enter(key, mark: marks.0, at: 0)
        else { return (false, false) }
        let place = turn.place
        guard case .wait(let after) = table.enter(key, mark: marks.1, at: 0) else { return (false, false) }
        turn.complete(with: entry, since: first, storedAfter: isStored ? place : nil)
        func isAnswered(_ ticket: FlightTicket) async throws -> Bool {
            if case .entry = try await table.outcome(for: ticket) { true } else { false }
        }
        return (try await isAnswered(before), try await isAnswered(after))
    }

    @Test func `An answer that was stored is for all who came before the store was asked`() async throws {
        let later = PurgeMark(rawValue: 2)
        let outcomes = try await Self.outcomes(marks: (later, later), isStored: true)
        #expect(outcomes.before, "no purge has selected it, or the store would not have taken it")
        #expect(!outcomes.after, "a purge may have come after the store took it, and before the request")
    }

    @Test func `An answer is for those before whom nothing was purged, stored or not`() async throws {
        let same = PurgeMark(rawValue: 1)
        for isStored in [true, false] {
            let outcomes = try await Self.outcomes(marks: (same, same), isStored: isStored)
            #expect(outcomes == (true, true))
        }
    }

    @Test func `An answer has those look again who ask for its key, and not those who ask for another`() {
        let table = FlightTable(overdueAfter: .seconds(60))
        let (key, other) = (CacheKey(high: 0, low: 1), CacheKey(high: 0, low: 2))
        let counts = (table.completionCount(of: key), table.completionCount(of: other))
        guard case .lead(let turn) = table.enter(key, mark: nil, at: 0) else {
            Issue.record("the first one leads")
            return
        }
        turn.complete(with: Self.entry, since: nil, storedAfter: nil)
        #expect(table.completionCount(of: key) != counts.0)
        #expect(table.completionCount(of: other) == counts.1)
    }
}
