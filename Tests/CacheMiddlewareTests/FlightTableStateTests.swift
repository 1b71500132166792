import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Testing

@testable import CacheMiddleware

@Suite struct FlightTableStateTests {
    typealias State = FlightTableState<String>

    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
    static let afterPurge = PurgeSnapshot(mark: PurgeMark(rawValue: 2), count: 0)

    /// A state with a leader and waiters with these snapshots, whose tokens are their positions.
    static func led(_ snapshots: [PurgeSnapshot] = []) -> (state: State, flight: Int, tickets: [FlightTicket]) {
        var state = State(overdueAfter: .seconds(60))
        guard case .lead(let flight) = state.join(key, at: .start, now: .zero) else { return (state, 0, []) }
        var tickets: [FlightTicket] = []
        for (position, snapshot) in snapshots.enumerated() {
            guard case .wait(let ticket) = state.join(key, at: snapshot, now: .zero) else { continue }
            _ = state.wait(for: ticket, resuming: "\(position)")
            tickets.append(ticket)
        }
        return (state, flight, tickets)
    }

    /// The resumptions as text, for comparison.
    static func text(_ resumptions: [State.Resumption]) -> [String] {
        resumptions.map { "\($0.token) \(name($0.outcome))" }
    }

    static func name(_ outcome: FlightOutcome?) -> String {
        switch outcome {
        case .entry: "entry"
        case .promoted: "promoted"
        case .timedOut: "timed out"
        case .cancelled: "cancelled"
        case nil: "none"
        }
    }

    @Test func `The first request of a key leads, later ones wait`() {
        var (state, flight, tickets) = Self.led([.start, .start])
        #expect(tickets.map(\.flight) == [flight, flight])
        #expect(state.isRunning(Self.key, now: .zero))
        #expect(!state.isRunning(CacheKey(digestOf: "other"), now: .zero))
        let second = state.tryLead(Self.key, now: .zero)
        #expect(second == nil, "a caller that cannot wait does not lead")
        #expect(state.counts == (1, 2, 0))
    }

    @Test func `Published entry resumes all waiters and ends the flight`() {
        var (state, flight, _) = Self.led([.start, .start])
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: nil)
        #expect(Self.text(resumed) == ["0 entry", "1 entry"])
        #expect(state.counts == (0, 0, 0))
    }

    @Test func `Waiters after a purge are promoted two at a time`() {
        var (state, flight, _) = Self.led([.start, Self.afterPurge, Self.afterPurge, Self.afterPurge])
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: nil)
        #expect(Self.text(resumed) == ["0 entry", "1 promoted", "2 promoted"])
        #expect(state.counts == (1, 1, 0))
        let later = state.publish(Self.entry, in: flight, since: Self.afterPurge, storedAfter: nil)
        #expect(Self.text(later) == ["3 entry"])
    }

    @Test func `A stored entry reaches only earlier waiters`() {
        var (state, flight, tickets) = Self.led([Self.afterPurge, Self.afterPurge])
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: tickets[0].waiter)
        #expect(Self.text(resumed) == ["0 entry", "1 promoted"])
    }

    @Test func `Each failed run promotes two waiters`() {
        var (state, flight, _) = Self.led(Array(repeating: .start, count: 5))
        let first = state.giveUp(flight, passingUntil: nil)
        #expect(Self.text(first) == ["0 promoted", "1 promoted"])
        let second = state.giveUp(flight, passingUntil: nil)
        #expect(Self.text(second) == ["2 promoted", "3 promoted"])
        let third = state.giveUp(flight, passingUntil: nil)
        #expect(Self.text(third) == ["4 promoted"])
        for _ in 0..<3 { _ = state.giveUp(flight, passingUntil: nil) }
        #expect(state.counts == (0, 0, 0))
    }

    @Test func `A key bypasses until its deadline or a published entry`() {
        var (state, flight, _) = Self.led()
        _ = state.giveUp(flight, passingUntil: .seconds(10))
        #expect(state.join(Self.key, at: .start, now: .seconds(9)) == .pass)
        let leads = state.tryLead(Self.key, now: .seconds(9))
        #expect(leads != nil, "a refresh is not affected")
        guard let leads else { return }
        _ = state.publish(Self.entry, in: leads, since: .start, storedAfter: nil)
        guard case .lead = state.join(Self.key, at: .start, now: .seconds(9)) else {
            Issue.record("the published entry is shareable")
            return
        }
    }

    @Test func `An overdue run lets one more request lead`() {
        var (state, flight, _) = Self.led()
        #expect(state.join(Self.key, at: .start, now: .seconds(60)) == .lead(flight))
        #expect(state.isRunning(Self.key, now: .seconds(119)))
        guard case .wait = state.join(Self.key, at: .start, now: .seconds(119)) else {
            Issue.record("the second run is not overdue")
            return
        }
        _ = state.giveUp(flight, passingUntil: nil)
        #expect(state.isRunning(Self.key, now: .seconds(119)), "one of two runs has ended")
    }

    @Test(arguments: [FlightOutcome.timedOut, .cancelled])
    func `Resolving a waiter leaves the others waiting`(outcome: FlightOutcome) {
        var (state, flight, tickets) = Self.led([.start, .start])
        let resumption = state.resolve(tickets[0], with: outcome)
        #expect(resumption?.token == "0")
        let again = state.resolve(tickets[0], with: .cancelled)
        #expect(again == nil)
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: nil)
        #expect(Self.text(resumed) == ["1 entry"])
    }

    @Test func `An outcome before waiting is kept for the waiter`() {
        var (state, flight, _) = Self.led()
        guard case .wait(let ticket) = state.join(Self.key, at: .start, now: .zero) else { return }
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: nil)
        #expect(resumed.isEmpty)
        let late = state.resolve(ticket, with: .cancelled)
        #expect(late == nil, "the first outcome counts")
        let outcome = state.wait(for: ticket, resuming: "late")
        #expect(Self.name(outcome) == "entry")
        let second = state.wait(for: ticket, resuming: "again")
        #expect(Self.name(second) == "cancelled")
        #expect(state.counts == (0, 0, 0))
    }

    @Test func `A promoted waiter that leaves promotes the next`() {
        var (state, flight, _) = Self.led()
        var tickets: [FlightTicket] = []
        for position in 0..<4 {
            guard case .wait(let ticket) = state.join(Self.key, at: .start, now: .zero) else { continue }
            if position > 1 { _ = state.wait(for: ticket, resuming: "\(position)") }
            tickets.append(ticket)
        }
        let promoted = state.giveUp(flight, passingUntil: nil)
        #expect(promoted.isEmpty, "both promoted waiters have not begun to wait")
        let resumed = state.leave(tickets[0])
        #expect(Self.text(resumed) == ["2 promoted", "3 promoted"])
    }

    @Test func `An entry of an ended flight resumes no waiter`() {
        var (state, flight, _) = Self.led()
        _ = state.giveUp(flight, passingUntil: nil)
        _ = state.join(Self.key, at: .start, now: .zero)
        let resumed = state.publish(Self.entry, in: flight, since: .start, storedAfter: nil)
        #expect(resumed.isEmpty)
        #expect(state.counts.flights == 1)
    }

    @Test func `Waiters that left do not accumulate behind another`() {
        var (state, _, _) = Self.led([.start])
        for _ in 0..<10_000 {
            guard case .wait(let ticket) = state.join(Self.key, at: .start, now: .zero) else { continue }
            _ = state.leave(ticket)
        }
        #expect(state.counts == (1, 1, 0))
    }
}
