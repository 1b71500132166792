import HTTPPipeline
import KeyConstructor

extension CacheEngine {
    /// Runs the handler for all requests that wait in this process and, with a lock in the shared store, on other machines.
    ///
    /// - Throws: What the handler throws.
    func lead(_ read: Read, turn: FlightTurn, since snapshot: PurgeSnapshot, next: Next) async throws -> Reply {
        guard let duration = lockDuration else { return try await run(read, turn: turn, since: snapshot, next: next) }
        let owner = Self.lockOwner()
        let elapsed = runtime.clock.stopwatch()
        var store = read.store
        while true {
            switch await store.acquireLock(for: read.flightKey, owner: owner, duration: duration) {
            case .unknown(let isAsked):
                // A store that cannot lock does not keep the request from its response. A lock that it took too late to say so is
                // released after the run.
                return try await releasing(isAsked ? read.flightKey : nil, owner) {
                    try await run(read, turn: turn, since: snapshot, next: next)
                }
            case .locked:
                return try await releasing(read.flightKey, owner) {
                    // Another machine may have stored the response just before it released the lock.
                    let place = turn.place
                    let found = await fresh(read, in: store)
                    if let entry = found.entry {
                        turn.complete(with: entry, since: nil, storedAfter: place)
                        return hit(entry, read)
                    }
                    let later = await store.snapshot(known: found.mark, fallback: snapshot.mark)
                    return try await run(read, turn: turn, since: later, next: next)
                }
            case .refused:
                if elapsed() >= duration {
                    let later = await store.snapshot(fallback: snapshot.mark)
                    return try await run(read, turn: turn, since: later, next: next)
                }
                // Waiting for another machine is not the store's time: each round has the time of a request.
                store = store.withNewTime()
                try await runtime.clock.sleep(for: Self.lockPollInterval * (0.5 + runtime.random()))
                let place = turn.place
                if let found = await fresh(read, in: store).entry {
                    turn.complete(with: found, since: nil, storedAfter: place)
                    return collapsed(found, read)
                }
            }
        }
    }

    /// For how long a lock in the shared store keeps other machines from running the handler; nil when none is taken.
    var lockDuration: Duration? {
        settings.singleFlight.lockDuration.flatMap { $0 > .zero ? $0 : nil }
    }

    /// A name that no other owner of a lock has.
    static func lockOwner() -> String {
        "\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
    }

    /// Does some work and then releases the lock of a key, if there is one, whatever comes of the work.
    func releasing<Value>(_ key: CacheKey?, _ owner: String, _ work: () async throws -> Value) async rethrows -> Value {
        do {
            let value = try await work()
            if let key { await release(key, owner: owner) }
            return value
        } catch {
            if let key { await release(key, owner: owner) }
            throw error
        }
    }

    /// Releases a lock, for which the request does not wait if there is room in the background.
    private func release(_ key: CacheKey, owner: String) async {
        let store = store
        let isStarted = runtime.background.run { await store.releaseLock(for: key, owner: owner) }
        if !isStarted { await store.releaseLock(for: key, owner: owner) }
    }

    /// How often a machine that waits for another one's response looks for it.
    static let lockPollInterval: Duration = .milliseconds(50)
}
