#if PostgreSQL
import NIOCore
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The thread that waits for the sockets and deadlines of all connections of a client.
///
/// The thread starts with the first connection and ends when the reactor is stopped and has no connection any more.
final class Reactor: Sendable {
    private struct State {
        var links: [Link] = []
        var timers: [@Sendable (NIODeadline) -> NIODeadline?] = []
        var isRunning = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    /// The uptime in nanoseconds until which the thread waits at most.
    private let waitsUntil = Atomic<UInt64>(0)

    /// The longest wait. A deadline after it needs no wake-up, so that sending a statement needs none.
    private static let longestWait = TimeAmount.seconds(1)

    /// - Throws: ``PostgreSQLError`` if the system has no further file descriptors.
    init() throws {
        wakeUp = try WakeUp()
    }

    /// Adds a timer: a function that does what is due at a time and returns the next time.
    func addTimer(_ timer: @escaping @Sendable (NIODeadline) -> NIODeadline?) {
        state.withLock { $0.timers.append(timer) }
    }

    /// Adds a connection.
    func add(_ link: Link) {
        state.withLock { $0.links.append(link) }
        start()
        wakeUp.send()
    }

    /// Starts the thread unless it runs.
    ///
    /// - Returns: False if the system has no further threads.
    @discardableResult
    func start() -> Bool {
        let starts = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning && !state.isStopping
        }
        guard starts else { return true }
        let started = DedicatedThread.start { [self] in run() }
        if !started { state.withLock { $0.isRunning = false } }
        return started
    }

    /// Makes the thread look at the connections and timers now.
    func wake() { wakeUp.send() }

    /// Makes the thread look at a new deadline, unless it does that early enough anyway.
    func wake(before deadline: NIODeadline) {
        if deadline.uptimeNanoseconds < waitsUntil.load(ordering: .acquiring) { wakeUp.send() }
    }

    /// Ends the thread when there is no connection any more.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.send()
    }

    private func run() {
        var descriptors: [pollfd] = []
        var polled: [Link] = []
        var finished: [LinkEffects.Finished] = []
        while true {
            let now = NIODeadline.now()
            var next = now + Self.longestWait
            waitsUntil.store(next.uptimeNanoseconds, ordering: .releasing)
            let (links, timers) = state.withLock { ($0.links, $0.timers) }
            for timer in timers {
                if let deadline = timer(now) { next = min(next, deadline) }
            }
            descriptors.removeAll(keepingCapacity: true)
            polled.removeAll(keepingCapacity: true)
            descriptors.append(pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0))
            for link in links {
                guard let interest = link.interest(at: now) else {
                    state.withLock { $0.links.removeAll { $0 === link } }
                    continue
                }
                let events = interest.writes ? POLLIN | POLLOUT : POLLIN
                descriptors.append(pollfd(fd: interest.descriptor, events: Int16(events), revents: 0))
                polled.append(link)
                if let deadline = interest.deadline { next = min(next, deadline) }
            }
            if polled.isEmpty, state.withLock({ $0.isStopping && $0.links.isEmpty }) { return }
            waitsUntil.store(next.uptimeNanoseconds, ordering: .releasing)
            wait(&descriptors, until: next)
            if descriptors[0].revents != 0 { wakeUp.receive() }
            for (descriptor, link) in zip(descriptors.dropFirst(), polled) where descriptor.revents != 0 {
                link.process(isReadable: descriptor.revents & ~Int16(POLLOUT) != 0, &finished)
            }
            // After the next statements were sent, and all together: waking a thread for each costs more than the rest.
            for (operation, result) in finished { operation.finish(result) }
            finished.removeAll(keepingCapacity: true)
        }
    }

    private func wait(_ descriptors: inout [pollfd], until deadline: NIODeadline) {
        let remaining = max(0, (deadline - .now()).nanoseconds)
        // Rounded up, so that the deadline is over after the wait.
        let result = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: (remaining + 999_999) / 1_000_000))
        // After an error, such as an interruption by a signal, the events are undefined.
        if result < 0 { for index in descriptors.indices { descriptors[index].revents = 0 } }
    }
}
#endif
