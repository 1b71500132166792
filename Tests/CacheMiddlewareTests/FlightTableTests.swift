import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Testing

@testable import CacheMiddleware

@Suite(.timeLimit(.minutes(5))) struct FlightTableTests {
    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))

    /// Whether waiters that joined before and after the look-up receive the response, with their own snapshots.
    static func receiveResponse(
        _ snapshots: (PurgeSnapshot, PurgeSnapshot), isFound: Bool = false, isStored: Bool
    ) async throws -> (before: Bool, after: Bool) {
        let table = FlightTable(overdueAfter: .seconds(60))
        guard case .lead(let leadership) = table.join(key, at: .start, now: .zero),
            case .wait(let before) = table.join(key, at: snapshots.0, now: .zero)
        else { return (false, false) }
        var after: FlightTicket?
        func joinLater() {
            if case .wait(let ticket) = table.join(key, at: snapshots.1, now: .zero) { after = ticket }
        }
        if isFound {
            _ = await leadership.lookAgain {
                joinLater()
                return StoreLookup(entry: entry)
            }
        } else {
            _ = await leadership.publish { _ in
                joinLater()
                return (entry, isStored)
            }
        }
        func receivesResponse(_ ticket: FlightTicket?) async throws -> Bool {
            guard let ticket else { return false }
            return if case .entry = try await table.outcome(for: ticket, joinedAt: .start) { true } else { false }
        }
        return (try await receivesResponse(before), try await receivesResponse(after))
    }

    @Test func `A stored response reaches waiters from before the look-up`() async throws {
        let later = PurgeSnapshot(mark: PurgeMark(rawValue: 2), count: 0)
        let received = try await Self.receiveResponse((later, later), isStored: true)
        #expect(received.before, "no purge has selected it, or the store would have rejected it")
        #expect(!received.after, "a purge may have followed the write to the store and preceded the request")
    }

    @Test(arguments: [true, false])
    func `A response reaches waiters that joined before any purge`(isStored: Bool) async throws {
        #expect(try await Self.receiveResponse((.start, .start), isStored: isStored) == (true, true))
    }

    @Test(
        "A waiter after a purge receives no earlier response",
        arguments: [
            PurgeSnapshot(mark: PurgeMark(rawValue: 2), count: 0), PurgeSnapshot(mark: nil, count: 0),
            PurgeSnapshot(mark: PurgeMark(rawValue: 1), count: 1),
        ])
    func waitersAfterPurge(snapshot: PurgeSnapshot) async throws {
        #expect(try await Self.receiveResponse((snapshot, snapshot), isStored: false) == (false, false))
    }

    @Test func `A looked-up entry reaches only waiters from before`() async throws {
        #expect(try await Self.receiveResponse((.start, .start), isFound: true, isStored: true) == (true, false))
    }

    @Test func `A published flight counts for its key, whatever its path`() async {
        let table = FlightTable(overdueAfter: .seconds(60))
        let (key, other) = (CacheKey(high: 0, low: 1), CacheKey(high: 0, low: 2))
        let counts = (table.completionCount(of: key), table.completionCount(of: other))
        let flightKey = CompletionCounts.key(key, for: "/a")
        guard case .lead(let leadership) = table.join(flightKey, at: .start, now: .zero) else {
            Issue.record("the first request leads")
            return
        }
        _ = await leadership.publish { _ in (Self.entry, false) }
        #expect(table.completionCount(of: key) != counts.0)
        #expect(table.completionCount(of: other) == counts.1)
    }

    @Test func `A released leadership promotes a waiter`() async throws {
        let table = FlightTable(overdueAfter: .seconds(60))
        var leadership = table.tryLead(Self.key, now: .zero)
        guard case .wait(let ticket) = table.join(Self.key, at: .start, now: .zero) else { return }
        #expect(leadership != nil)
        leadership = nil
        guard case .promoted(let next) = try await table.outcome(for: ticket, joinedAt: .start) else {
            Issue.record("the waiter is promoted")
            return
        }
        next.giveUp()
        #expect(table.counts == (0, 0, 0))
    }

    @Test func `A leadership ends its run once`() {
        let table = FlightTable(overdueAfter: .seconds(60))
        guard case .lead(let leadership) = table.join(Self.key, at: .start, now: .zero),
            case .lead(let overdue) = table.join(Self.key, at: .start, now: .seconds(60))
        else { return }
        leadership.giveUp()
        leadership.giveUp()
        #expect(table.counts.flights == 1, "the second run continues")
        overdue.giveUp()
        #expect(table.counts.flights == 0)
    }

    @Test func `A response may be published after its run was abandoned`() async throws {
        let table = FlightTable(overdueAfter: .seconds(60))
        guard case .lead(let leadership) = table.join(Self.key, at: .start, now: .zero),
            case .lead(let overdue) = table.join(Self.key, at: .start, now: .seconds(60)),
            case .wait(let ticket) = table.join(Self.key, at: .start, now: .seconds(60))
        else { return }
        leadership.giveUp()
        _ = await leadership.publish { mark in (Self.entry, mark == PurgeMark(rawValue: 1)) }
        // The first run's end promoted the waiter.
        guard case .promoted = try await table.outcome(for: ticket, joinedAt: .start) else {
            Issue.record("an outcome is final")
            return
        }
        overdue.giveUp()
    }
}

extension PurgeSnapshot {
    /// The start of a store's order of purges.
    static let start = PurgeSnapshot(mark: PurgeMark(rawValue: 1), count: 0)
}
