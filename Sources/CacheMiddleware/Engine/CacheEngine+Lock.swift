import HTTPPipeline
import KeyConstructor

extension CacheEngine {
    /// Runs the handler for all who wait in this process and, with a lock in the shared store, on other machines.
    ///
    /// - Throws: What the handler throws.
    func lead(_ read: Read, turn: FlightTurn, mark: PurgeMark?, next: Next) async throws -> Reply {
        guard let duration = settings.singleFlight.lockDuration, duration > .zero else {
            return try await run(read, turn: turn, mark: mark, next: next)
        }
        let owner = "\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
        let elapsed = runtime.clock.stopwatch()
        var store = read.store
        while true {
            switch await store.acquireLock(for: read.key, owner: owner, duration: duration) {
            case .unknown(let isAsked):
                // A store that cannot lock keeps nobody from answering. What it locks too late to say so is given back after the run.
                do {
                    let reply = try await run(read, turn: turn, mark: mark, next: next)
                    if isAsked { await release(read.key, owner: owner) }
                    return reply
                } catch {
                    if isAsked { await release(read.key, owner: owner) }
                    throw error
                }
            case .locked:
                do {
                    // Another machine may have stored the answer just before it gave the lock back.
                    let place = turn.place
                    let found = await fresh(read, in: store)
                    if let entry = found.entry {
                        turn.complete(with: entry, since: mark, storedAfter: place)
                        await release(read.key, owner: owner)
                        return hit(entry, key: read.key, isHead: read.isHead, at: runtime.timeSource.now)
                    }
                    let later = await store.purgeMark(known: found.mark) ?? mark
                    let reply = try await run(read, turn: turn, mark: later, next: next)
                    await release(read.key, owner: owner)
                    return reply
                } catch {
                    await release(read.key, owner: owner)
                    throw error
                }
            case .refused:
                if elapsed() >= duration {
                    return try await run(read, turn: turn, mark: store.purgeMark() ?? mark, next: next)
                }
                // Waiting for another machine is not what the store takes: each round has the time of a request.
                store = store.withNewTime()
                try await runtime.clock.sleep(for: Self.lockPollInterval * (0.5 + runtime.random()))
                let place = turn.place
                if let found = await fresh(read, in: store).entry {
                    turn.complete(with: found, since: mark, storedAfter: place)
                    var status = CacheStatus.forwarded(read.reason)
                    status.isCollapsed = true
                    let reply = reply(of: found, isHead: read.isHead, at: runtime.timeSource.now)
                    return finished(reply, status, .collapsed, key: read.key)
                }
            }
        }
    }

    /// Gives the lock back, for which the request does not wait if there is room in the background.
    private func release(_ key: CacheKey, owner: String) async {
        let store = store
        let isStarted = runtime.background.run { await store.releaseLock(for: key, owner: owner) }
        if !isStarted { await store.releaseLock(for: key, owner: owner) }
    }

    /// How often a machine that waits for another one's answer looks for it.
    static let lockPollInterval: Duration = .milliseconds(50)
}
