import DequeModule
import KeyConstructor

/// The identity of a waiter of a flight.
struct FlightTicket: Sendable, Hashable {
    let flight: Int
    let waiter: Int
}

/// The outcome of waiting for a flight.
enum FlightOutcome: Sendable {
    /// The leader's response.
    case entry(CacheEntry)
    /// The waiter is promoted: it runs the handler for the remaining waiters.
    case promoted
    /// The waiter's limit has passed.
    case timedOut
    /// The waiter's task was cancelled.
    case cancelled
}

/// The role of a request that found no fresh entry.
enum FlightEntrance: Sendable, Hashable {
    /// It leads the flight with this number.
    case lead(Int)
    /// It waits for the leader's response.
    case wait(FlightTicket)
    /// It runs the handler for itself alone: recent responses of the key were not shareable.
    case pass
}

/// The rules of single flight: which request of a key runs the handler, which ones wait, and what each waiter receives.
///
/// One request of a key leads: it runs the handler, and the others wait for its response. A run that ends without a shareable
/// response (it failed, was cancelled, or its response must not be stored) promotes two waiters. The number of runs thus doubles in
/// each round: no waiter queues behind all the others, and they do not all start at once. The same happens to waiters that joined
/// after a purge that the leader's response may predate.
///
/// A run that takes longer than the limit does not block the key: the next request leads the same flight beside it.
///
/// This is a value without lock, clock or tasks. `Token` resumes a waiter; operations return the resumptions to carry out.
struct FlightTableState<Token> {
    /// A waiter to resume.
    struct Resumption {
        let token: Token
        let outcome: FlightOutcome
    }

    private var flights: [Int: Flight] = [:]
    /// The flight that new requests of a key join.
    private var current: [CacheKey: Int] = [:]
    private var passes = PassList()
    private let overdue: Duration

    /// The number of the latest flight or waiter. Numbers only increase, so it separates earlier waiters from later ones.
    private(set) var lastNumber = 0

    /// Creates a state without flights.
    ///
    /// - Parameter overdue: The time after which a run no longer keeps other requests from leading.
    init(overdueAfter overdue: Duration) {
        self.overdue = overdue
    }

    /// The numbers of flights, of waiters, and of keys whose requests do not wait.
    var counts: (flights: Int, waiters: Int, passes: Int) {
        (flights.count, flights.values.reduce(0) { $0 + $1.waiters.count }, passes.count)
    }

    /// Returns the key of a flight, or nil when it has ended.
    func key(of flight: Int) -> CacheKey? { flights[flight]?.key }

    /// Returns whether a run of a key is under way and not overdue.
    func isRunning(_ key: CacheKey, now moment: Duration) -> Bool {
        guard let number = current[key], let flight = flights[number] else { return false }
        return moment - flight.startedAt < overdue
    }

    /// Leads or joins the flight of a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - snapshot: The order of purges now: a waiter receives no response that a later purge may have selected.
    ///   - moment: The current time on a monotonic clock.
    /// - Returns: The role of the request.
    mutating func join(_ key: CacheKey, at snapshot: PurgeSnapshot, now moment: Duration) -> FlightEntrance {
        if passes.contains(key, at: moment) { return .pass }
        if let flight = tryLead(key, now: moment) { return .lead(flight) }
        guard let flight = current[key] else { return .pass }
        lastNumber += 1
        flights[flight]?.append(Waiter(snapshot: snapshot), number: lastNumber)
        return .wait(FlightTicket(flight: flight, waiter: lastNumber))
    }

    /// Leads the flight of a key unless another request leads it in time.
    ///
    /// - Returns: The flight, or nil when a run is under way.
    mutating func tryLead(_ key: CacheKey, now moment: Duration) -> Int? {
        guard !isRunning(key, now: moment) else { return nil }
        if let number = current[key] {
            flights[number]?.addRunner(at: moment)
            return number
        }
        lastNumber += 1
        flights[lastNumber] = Flight(key: key, startedAt: moment)
        current[key] = lastNumber
        return lastNumber
    }

    /// Begins to wait.
    ///
    /// - Returns: The outcome if there is one already; otherwise nil, and the token is resumed later.
    mutating func wait(for ticket: FlightTicket, resuming token: Token) -> FlightOutcome? {
        update(ticket.flight) { $0.wait(ticket.waiter, token) } ?? .cancelled
    }

    /// Ends one waiter with an outcome unless it already has one.
    mutating func resolve(_ ticket: FlightTicket, with outcome: FlightOutcome) -> Resumption? {
        update(ticket.flight) { $0.resolve(ticket.waiter, with: outcome) } ?? nil
    }

    /// Removes a waiter that has not begun to wait. One that was promoted passes the promotion on.
    mutating func leave(_ ticket: FlightTicket) -> [Resumption] {
        guard case .resolved(.promoted) = update(ticket.flight, { $0.remove(ticket.waiter) })??.state else { return [] }
        return giveUp(ticket.flight, passingUntil: nil)
    }

    /// Ends a flight: its waiters receive the entry. Two of those for which it may be too old are promoted.
    ///
    /// - Parameters:
    ///   - entry: The response.
    ///   - number: The flight.
    ///   - snapshot: The order of purges when the handler began; nil for an entry that was looked up, which a purge may have
    ///     selected since.
    ///   - place: ``lastNumber`` before the store was asked, if the store then contained or accepted the entry: no purge had
    ///     selected it when the waiters up to this number joined. nil if the store did not accept it.
    /// - Returns: The waiters to resume.
    mutating func publish(
        _ entry: CacheEntry, in number: Int, since snapshot: PurgeSnapshot?, storedAfter place: Int?
    ) -> [Resumption] {
        guard let key = key(of: number) else { return [] }
        passes.remove(key)
        return update(number) { flight in
            flight.runners = 0
            return flight.deliver(entry) { number, waiter in
                number <= place ?? 0 || snapshot != nil && waiter.snapshot == snapshot
            } + flight.promoteTwo()
        } ?? []
    }

    /// Ends a run without a shareable response, and promotes two waiters.
    ///
    /// - Parameters:
    ///   - number: The flight.
    ///   - pass: Until when requests of the key do not wait for each other; nil when they do.
    /// - Returns: The waiters to resume.
    mutating func giveUp(_ number: Int, passingUntil pass: Duration?) -> [Resumption] {
        guard let key = key(of: number) else { return [] }
        if let pass { passes.insert(key, until: pass) }
        return update(number) { flight in
            flight.runners -= 1
            return flight.promoteTwo()
        } ?? []
    }

    /// Changes a flight, and removes it once it has neither runners nor waiters.
    private mutating func update<Value>(_ number: Int, _ change: (inout Flight) -> Value) -> Value? {
        guard var flight = flights.removeValue(forKey: number) else { return nil }
        let value = change(&flight)
        if flight.runners <= 0, current[flight.key] == number { current[flight.key] = nil }
        if flight.runners > 0 || !flight.waiters.isEmpty { flights[number] = flight }
        return value
    }
}

extension FlightTableState {
    private struct Waiter {
        enum State {
            case joined
            case waiting(Token)
            case resolved(FlightOutcome)
        }

        /// The order of purges when the request joined.
        let snapshot: PurgeSnapshot
        var state = State.joined

        var isResolved: Bool { if case .resolved = state { true } else { false } }
    }

    private struct Flight {
        let key: CacheKey
        var runners = 1
        /// The start of the last run that was not a promotion.
        private(set) var startedAt: Duration
        private(set) var waiters: [Int: Waiter] = [:]
        /// The waiters in the order in which they joined, among them some that have left.
        private var order: Deque<Int> = []

        init(key: CacheKey, startedAt: Duration) {
            self.key = key
            self.startedAt = startedAt
        }

        mutating func addRunner(at moment: Duration) {
            runners += 1
            startedAt = moment
        }

        mutating func append(_ waiter: Waiter, number: Int) {
            waiters[number] = waiter
            order.append(number)
        }

        mutating func wait(_ number: Int, _ token: Token) -> FlightOutcome? {
            switch waiters[number]?.state {
            case .resolved(let outcome):
                remove(number)
                return outcome
            case .joined, .waiting:
                waiters[number]?.state = .waiting(token)
                return nil
            case nil:
                return .cancelled
            }
        }

        mutating func resolve(_ number: Int, with outcome: FlightOutcome) -> Resumption? {
            switch waiters[number]?.state {
            case .waiting(let token):
                remove(number)
                return Resumption(token: token, outcome: outcome)
            case .joined:
                waiters[number]?.state = .resolved(outcome)
                return nil
            case .resolved, nil:
                return nil
            }
        }

        /// Delivers the entry to the waiters that may receive it; the others keep their order.
        mutating func deliver(
            _ entry: CacheEntry, where mayReceive: (_ number: Int, Waiter) -> Bool
        ) -> [Resumption] {
            var resumptions: [Resumption] = []
            let numbers = order
            order = []
            for number in numbers {
                guard let waiter = waiters[number] else { continue }
                if mayReceive(number, waiter) {
                    if let resumption = resolve(number, with: .entry(entry)) { resumptions.append(resumption) }
                } else {
                    order.append(number)
                }
            }
            return resumptions
        }

        /// Promotes the first two waiters without an outcome.
        mutating func promoteTwo() -> [Resumption] {
            var resumptions: [Resumption] = []
            var promoted = 0
            while promoted < 2, let number = order.popFirst() {
                guard let waiter = waiters[number], !waiter.isResolved else { continue }
                promoted += 1
                runners += 1
                if let resumption = resolve(number, with: .promoted) { resumptions.append(resumption) }
            }
            return resumptions
        }

        @discardableResult
        mutating func remove(_ number: Int) -> Waiter? {
            let waiter = waiters.removeValue(forKey: number)
            // An endless flight must not collect the numbers of waiters that have left.
            while let first = order.first, waiters[first] == nil { order.removeFirst() }
            if order.count > 64, order.count > 2 * waiters.count {
                order.removeAll { waiters[$0] == nil }
            }
            return waiter
        }
    }
}
