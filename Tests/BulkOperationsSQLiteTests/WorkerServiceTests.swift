#if GRDB
import BulkOperations
import GRDB
import InMemoryLogging
import Logging
import PipelineTesting
import Repositories
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// The steps of a worker.
@Suite struct WorkerServiceTests {
    struct Crash: Error {}

    private let items = [[#"{"email": "d@x"}"#], [#"{"email": "e@x"}"#]]

    @Test func `Invalidates after the commit and before the acknowledgement`() async throws {
        let people = try QueuedPeople()
        let id = try await people.submit(.create, items)
        let counts = Mutex<[String]>([])
        people.queue.observe { step in counts.withLock { $0.append("\(step) \(people.store.purgeCount)") } }
        #expect(try await people.worker.carryOutNext())
        #expect(counts.withLock { $0 } == ["carryingOut 0", "carriedOut 0", "acknowledging 1"])
        #expect(try await people.rows().count == 4)
        #expect(try await people.queue.operation(id)?.state == .running)
        #expect(try await people.worker.carryOutNext())
        #expect(try await people.queue.operation(id)?.state == .completed)
        #expect(try await people.worker.carryOutNext() == false)
    }

    @Test func `Invalidates again if the process ends before the acknowledgement`() async throws {
        let people = try QueuedPeople()
        let id = try await people.submit(.create, [[#"{"email": "d@x"}"#]])
        people.queue.observe { if $0 == .acknowledging || $0 == .retrying { throw Crash() } }
        #expect(try await people.worker.carryOutNext())
        #expect(people.invalidationCount == 1)
        #expect(try await people.queue.operation(id)?.state == .running, "no client sees the end yet")
        people.queue.observe { #expect($0 == .acknowledging, "the items are not carried out again") }
        #expect(try await people.worker.carryOutNext() == false)
        people.time.advance(by: .seconds(31))
        #expect(try await people.worker.carryOutNext())
        #expect(people.invalidationCount == 2)
        #expect(try await people.queue.operation(id)?.state == .completed)
        #expect(try await people.queue.operation(id)?.counts.created == 1)
    }

    @Test func `Writes once if the process ends before or after the commit`() async throws {
        for last in [ObservedQueue.Step.carryingOut, .carriedOut] {
            let people = try QueuedPeople()
            let id = try await people.submit(.create, [[#"{"email": "d@x"}"#]])
            people.queue.observe { if $0 == last || $0 == .retrying { throw Crash() } }
            #expect(try await people.worker.carryOutNext())
            people.queue.observe { _ in }
            for _ in 0..<40 {
                people.time.advance(by: .seconds(1))
                try await people.worker.carryOutNext()
            }
            #expect(try await people.outcomes(of: id) == ["0 created 4"])
            #expect(try await people.queue.operation(id)?.state == .completed)
            #expect(people.invalidationCount == 1)
        }
    }

    @Test func `Records an item that cannot be read`() async throws {
        let people = try QueuedPeople()
        try await people.database.write { db in try db.execute(sql: "ALTER TABLE people RENAME TO others") }
        let id = try await people.submit(.get, [["1"]])
        let all = try await people.submit(.get, [[]])
        for _ in 0..<10 {
            while try await people.worker.carryOutNext() {}
            people.time.advance(by: .seconds(1))
        }
        #expect(try await people.outcomes(of: id) == ["0 poison -"])
        #expect(try await people.queue.operation(id)?.state == .completed)
        #expect(try await people.queue.operation(all)?.state == .failed)
    }

    @Test func `Invalidates nothing for a dry run`() async throws {
        let people = try QueuedPeople()
        let id = try await people.submit(.create, items) { $0.isDryRun = true }
        while try await people.worker.carryOutNext() {}
        #expect(try await people.queue.operation(id)?.counts.created == 2)
        #expect(people.invalidationCount == 0)
        #expect(try await people.rows().count == 3)
    }

    @Test func `Records the row that makes the database fail`() async throws {
        let people = try QueuedPeople()
        // An error that is no broken rule of the table.
        try await people.database.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER fail BEFORE INSERT ON people WHEN new.name = 'bad'
                    BEGIN SELECT abs(-9223372036854775807 - 1); END
                    """)
        }
        var items = (0..<9).map { #"{"email": "\#($0)@x"}"# }
        items[5] = #"{"email": "5@x", "name": "bad"}"#
        let id = try await people.submit(.create, [items])
        for _ in 0..<20 {
            while try await people.worker.carryOutNext() {}
            people.time.advance(by: .seconds(1))
        }
        let operation = try #require(try await people.queue.operation(id))
        #expect(operation.state == .completed)
        #expect((operation.counts.created, operation.counts.failed) == (8, 1))
        #expect(try await people.outcomes(of: id)[5] == "5 poison -")
    }

    @Test func `Writes nothing for a cancelled operation`() async throws {
        let people = try QueuedPeople()
        let id = try await people.submit(.create, items)
        people.queue.observe { step in
            guard step == .carryingOut else { return }
            let cancelled = try await people.queue.cancel(id)
            #expect(cancelled?.state == .cancelling)
        }
        #expect(try await people.worker.carryOutNext())
        #expect(try await people.queue.operation(id)?.state == .cancelled)
        #expect(try await people.worker.carryOutNext() == false)
        #expect(try await people.rows().count == 3)
    }

    @Test(.timeLimit(.minutes(1))) func `Logs a failing queue once`() async throws {
        let people = try QueuedPeople()
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .debug
        let worker = OperationWorker(of: people.operations, for: people.resource, logger: logger) {
            $0.pollInterval = .milliseconds(1)
        }
        try await people.database.write { db in try db.execute(sql: "ALTER TABLE bulk_parts RENAME TO others") }
        let task = Task { try await worker.run() }
        func count(_ level: Logger.Level, _ message: Logger.Message) -> Int {
            handler.entries.count { $0.level == level && $0.message == message }
        }
        try await eventually { count(.debug, "bulk queue failed") > 2 }
        // One is of the removal of expired operations.
        #expect(count(.error, "bulk queue failed") <= 2)
        try await people.database.write { db in try db.execute(sql: "ALTER TABLE others RENAME TO bulk_parts") }
        try await eventually { count(.info, "bulk queue recovered") > 0 }
        task.cancel()
        try await task.value
        #expect(count(.info, "bulk queue recovered") == 1)
    }

    @Test(.timeLimit(.minutes(1))) func `Ends with a graceful shutdown`() async throws {
        let people = try QueuedPeople()
        let group = ServiceGroup(services: [people.worker], logger: Logger(label: "test"))
        async let ended: Void = group.run()
        let id = try await people.submit(.create, items)
        try await waitUntil { try await people.queue.operation(id)?.state == .completed }
        await group.triggerGracefulShutdown()
        try await ended
        _ = try await people.submit(.create, items)
        #expect(try await people.rows().count == 5)
    }

    @Test(.timeLimit(.minutes(1))) func `Ends when its task is cancelled`() async throws {
        let people = try QueuedPeople()
        let task = Task { [worker = people.worker] in try await worker.run() }
        let id = try await people.submit(.create, items)
        try await waitUntil { try await people.queue.operation(id)?.state == .completed }
        task.cancel()
        try await task.value
    }
}
#endif
