import KeyConstructor
import Synchronization

/// A table that coalesces the concurrent misses of a key in this process.
///
/// The rules are in ``FlightTableState``; this adds the lock and the tasks that wait. A hit never uses it.
final class FlightTable: Sendable {
    /// The role of a request that found no fresh entry.
    enum Entrance {
        /// It runs the handler for itself and for the waiters.
        case lead(Leadership)
        /// It waits for the leader's response.
        case wait(FlightTicket)
        /// It runs the handler for itself alone: recent responses of the key were not shareable.
        case pass
    }

    /// The outcome of waiting for a flight.
    enum Outcome {
        /// The leader's response.
        case entry(CacheEntry)
        /// The waiter runs the handler for the remaining ones.
        case promoted(Leadership)
        /// The waiter's limit has passed.
        case timedOut
    }

    private typealias Continuation = CheckedContinuation<FlightOutcome, Never>

    private let state: Mutex<FlightTableState<Continuation>>
    private let completions = CompletionCounts()

    /// Creates a table without flights.
    ///
    /// - Parameter overdue: The time after which a run no longer keeps other requests from leading.
    init(overdueAfter overdue: Duration) {
        state = Mutex(FlightTableState(overdueAfter: overdue))
    }

    /// Leads or joins the flight of a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - snapshot: The order of purges now: a waiter receives no response that a later purge may have selected.
    ///   - moment: The current time on a monotonic clock.
    /// - Returns: The role of the request.
    func join(_ key: CacheKey, at snapshot: PurgeSnapshot, now moment: Duration) -> Entrance {
        switch state.withLock({ $0.join(key, at: snapshot, now: moment) }) {
        case .lead(let flight): .lead(Leadership(of: flight, in: self, since: snapshot))
        case .wait(let ticket): .wait(ticket)
        case .pass: .pass
        }
    }

    /// Leads the flight of a key unless another request leads it in time.
    ///
    /// - Returns: The leadership, which needs a snapshot before the handler runs, or nil when a run is under way.
    func tryLead(_ key: CacheKey, now moment: Duration) -> Leadership? {
        state.withLock { $0.tryLead(key, now: moment) }.map { Leadership(of: $0, in: self, since: nil) }
    }

    /// Returns whether a run of a key is under way and not overdue.
    func isRunning(_ key: CacheKey, now moment: Duration) -> Bool {
        state.withLock { $0.isRunning(key, now: moment) }
    }

    /// Returns the number of flights of a key's group that have published a response. A request that found no entry looks again if
    /// the number has changed since.
    func completionCount(of key: CacheKey) -> Int { completions[key] }

    /// The number of the latest waiter of any flight.
    var place: Int { state.withLock { $0.lastNumber } }

    /// Waits for the end of a flight.
    ///
    /// - Parameters:
    ///   - ticket: The waiter.
    ///   - snapshot: The order of purges when the waiter joined.
    /// - Returns: The outcome.
    /// - Throws: `CancellationError` when the task is cancelled. Other waiters are not affected.
    func outcome(for ticket: FlightTicket, joinedAt snapshot: PurgeSnapshot) async throws -> Outcome {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resolved = state.withLock { $0.wait(for: ticket, resuming: continuation) }
                if let resolved { continuation.resume(returning: resolved) }
            }
        } onCancel: {
            resolve(ticket, with: .cancelled)
        }
        switch outcome {
        case .entry(let entry): return .entry(entry)
        case .promoted: return .promoted(Leadership(of: ticket.flight, in: self, since: snapshot))
        case .timedOut: return .timedOut
        case .cancelled: throw CancellationError()
        }
    }

    /// Ends one waiter with an outcome unless it already has one.
    func resolve(_ ticket: FlightTicket, with outcome: FlightOutcome) {
        // Resumed after the lock is released.
        let resumption = state.withLock { $0.resolve(ticket, with: outcome) }
        resumption?.token.resume(returning: outcome)
    }

    /// Removes a waiter that has not begun to wait.
    func leave(_ ticket: FlightTicket) {
        resume(state.withLock { $0.leave(ticket) })
    }

    /// Ends a flight with an entry; see ``FlightTableState/publish(_:in:since:storedAfter:)``.
    func publish(_ entry: CacheEntry, in flight: Int, since snapshot: PurgeSnapshot?, storedAfter place: Int?) {
        resume(
            state.withLock { state in
                // Counted before another request can lead the key, so that it looks again.
                if let key = state.key(of: flight) { completions.add(to: key) }
                return state.publish(entry, in: flight, since: snapshot, storedAfter: place)
            })
    }

    /// Ends a run without a shareable response; see ``FlightTableState/giveUp(_:passingUntil:)``.
    func giveUp(_ flight: Int, passingUntil pass: Duration?) {
        resume(state.withLock { $0.giveUp(flight, passingUntil: pass) })
    }

    private func resume(_ resumptions: [FlightTableState<Continuation>.Resumption]) {
        for resumption in resumptions { resumption.token.resume(returning: resumption.outcome) }
    }

    /// The numbers of flights, of waiters, and of keys whose requests do not wait, for tests.
    var counts: (flights: Int, waiters: Int, passes: Int) { state.withLock { $0.counts } }
}
